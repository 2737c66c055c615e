// SPDX-License-Identifier: Apache-2.0
import Testing

/// The same telegram through each publisher.
@Suite struct PublisherTests {
    @Test(arguments: Publisher.all)
    func `a telegram comes out the same but for what its publisher loses`(publisher: Publisher) throws {
        let published = try publisher.published()
        let expected = publisher.expected
        for key in Set(published.keys).union(expected.keys).sorted() {
            #expect(published[key] == expected[key], "\(key)")
        }
    }

    @Test(arguments: Publisher.all) func `every loss is one`(publisher: Publisher) {
        for loss in publisher.losses {
            #expect(!loss.reason.isEmpty)
            for content in loss.contents { #expect(PublishedTelegram.content[content] != nil, "\(content)") }
        }
    }
}
