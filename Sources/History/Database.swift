// SPDX-License-Identifier: Apache-2.0
internal import CSQLite

/// One connection to an SQLite file, for one thread at a time.
final class Database {
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens a file; unless `readOnly`, creates it when it is missing.
    init(_ path: String, readOnly: Bool = false) throws(DatabaseError) {
        var opened: OpaquePointer?
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // https://www.sqlite.org/c3ref/open.html: NOMUTEX, because one thread uses a connection at a time.
        let code = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let opened else { throw DatabaseError(code: code, message: "no memory", sql: nil) }
        handle = opened
        guard code == SQLITE_OK else {
            let error = DatabaseError(code: code, message: Self.message(opened), sql: nil)
            sqlite3_close_v2(opened)
            throw error
        }
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit {
        for statement in statements.values { statement.close() }
        sqlite3_close_v2(handle)
    }

    /// Number of rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Runs statements without result rows and without values.
    func run(_ sql: String) throws(DatabaseError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil), sql)
    }

    /// Runs a statement and calls `row` for each result row. Statements are prepared once and cached.
    func query(
        _ sql: String, _ values: Value..., row: (Statement) throws(DatabaseError) -> Void = { _ in }
    ) throws(DatabaseError) {
        let statement = try prepare(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try check(statement.bind(value, Int32(index + 1)), sql) }
        while true {
            let code = statement.step()
            guard code != SQLITE_DONE else { return }
            guard code == SQLITE_ROW else { return try check(code, sql) }
            try row(statement)
        }
    }

    /// Runs `body` as one transaction: all or nothing.
    func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
        try run("BEGIN IMMEDIATE")
        do {
            try body()
            try run("COMMIT")
        } catch {
            // After a full disk SQLite may have rolled it back already.
            if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    private func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        if let known = statements[sql] { return known }
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil), sql)
        guard let prepared else { throw DatabaseError(code: SQLITE_MISUSE, message: "no statement", sql: sql) }
        let statement = Statement(prepared)
        statements[sql] = statement
        return statement
    }

    private func check(_ code: Int32, _ sql: String) throws(DatabaseError) {
        if code != SQLITE_OK { throw DatabaseError(code: code, message: Self.message(handle), sql: sql) }
    }

    private static func message(_ handle: OpaquePointer) -> String { String(cString: sqlite3_errmsg(handle)) }

    /// A value bound to a statement.
    enum Value {
        case integer(Int64)
        case text(String?)
        case bytes([UInt8])
    }
}

/// A prepared statement at one of its rows.
struct Statement {
    private let handle: OpaquePointer

    fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func text(_ column: Int32) -> String? { sqlite3_column_text(handle, column).map { String(cString: $0) } }

    func bytes(_ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(handle, column))
        guard count > 0, let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    fileprivate func bind(_ value: Database.Value, _ index: Int32) -> Int32 {
        switch value {
        case .integer(let number): sqlite3_bind_int64(handle, index, number)
        case .text(nil): sqlite3_bind_null(handle, index)
        case .text(let text?): csqlite_bind_text(handle, index, text, Int32(text.utf8.count))
        case .bytes(let bytes):
            bytes.withUnsafeBytes { csqlite_bind_blob(handle, index, $0.baseAddress, Int32($0.count)) }
        }
    }

    fileprivate func step() -> Int32 { sqlite3_step(handle) }
    fileprivate func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
    fileprivate func close() { sqlite3_finalize(handle) }
}

/// An error of SQLite. It does not contain the values of the statement.
struct DatabaseError: Error, CustomStringConvertible {
    /// SQLite's extended result code.
    var code: Int32
    /// SQLite's message.
    var message: String
    /// The statement.
    var sql: String?

    var description: String { "SQLite error \(code): \(message)" + (sql.map { " (\($0))" } ?? "") }

    /// True when the file itself is damaged: a new one must be started.
    var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT].contains(code & 0xff) }
}
