// SPDX-License-Identifier: Apache-2.0

/// The style of the page for a wide screen, a phone of 390 pixels, and A4 landscape, where twelve rows fit one page.
enum HTMLStyle {
    static let text = """
        :root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--dim:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--link:#0757b8;
        --pass:#116329;--pass-bg:#dafbe1;--mend:#0b5c66;--mend-bg:#d5f3f5;--gap:#7a4b00;--gap-bg:#fff1c9;--fail:#a40e26;--fail-bg:#ffe2e2;
        --none:#57606a;--none-bg:#eaeef2;--curve:#0757b8}
        @media (prefers-color-scheme:dark){:root{--page:#10151c;--text:#e6edf3;--dim:#9da7b3;--line:#333b45;--soft:#19202a;--link:#79b8ff;
        --pass:#7ee2a0;--pass-bg:#123a21;--mend:#7fdde6;--mend-bg:#0f3a40;--gap:#f3c969;--gap-bg:#3f2f06;--fail:#ff9c9c;--fail-bg:#4d1519;
        --none:#b1bac4;--none-bg:#2a313b;--curve:#79b8ff}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:90rem;padding:1rem 1.25rem 2rem;background:var(--page);color:var(--text);font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0}
        h2{font-size:1.2rem;margin:1.8rem 0 .6rem}
        h3{font-size:1.1rem;margin:0}
        h4{font-size:.95rem;margin:0 0 .4rem}
        h5{font-size:.85rem;font-weight:400;margin:.8rem 0 .3rem}
        h5 span{color:var(--dim)}
        a{color:var(--link)}
        p{margin:.3rem 0}
        header p,.who,figcaption span,dt{color:var(--dim)}
        .verdict{float:right;margin:0}
        .verdict .badge{font-size:1.1rem;padding:.25rem .8rem}
        .badge{display:inline-block;border-radius:1rem;padding:.05rem .6rem;font-size:.8rem;font-weight:600;white-space:nowrap;background:var(--none-bg);color:var(--none)}
        .badge.pass{background:var(--pass-bg);color:var(--pass)}
        .badge.pass-with-repairs{background:var(--mend-bg);color:var(--mend)}
        .badge.incomplete{background:var(--gap-bg);color:var(--gap)}
        .badge.fail{background:var(--fail-bg);color:var(--fail)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.875rem}
        th,td{padding:.35rem .45rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
        thead th{color:var(--dim);font-weight:600;vertical-align:bottom}
        .number{text-align:right;font-variant-numeric:tabular-nums}
        thead th.code,td.cell{text-align:center}
        th.code,abbr{white-space:nowrap!important}
        abbr{text-decoration:none}
        .overview th.code{padding:.35rem .1rem}
        .overview th.code abbr{writing-mode:vertical-rl;transform:rotate(180deg)}
        .overview td.cell{min-width:1.7rem;padding:.35rem .1rem}
        .overview td.text{font-size:.8rem;line-height:1.35}
        .overview .badge{font-size:.74rem;padding:.05rem .5rem}
        .overview td.long,.overview td.text:last-child{white-space:normal;max-width:10rem}
        .overview td.text:not(:last-child){font-variant-numeric:tabular-nums}
        .overview th.text{font-size:.8rem;line-height:1.3}
        .overview th,.overview td{padding-left:.35rem;padding-right:.35rem}
        .compare{width:auto}
        .compare .number,.compare thead th:not(:first-child){text-align:right;padding-left:1.5rem}
        .cell{font-weight:700}
        .cell.as-sent{color:var(--pass);background:var(--pass-bg)}
        .cell.repaired,.cell.derived{color:var(--mend);background:var(--mend-bg)}
        .cell.absent{color:var(--gap);background:var(--gap-bg)}
        .cell.wrong,.odd{color:var(--fail);background:var(--fail-bg)}
        .cell.not-observed{color:var(--none);background:var(--none-bg)}
        td.cell{border-left:2px solid var(--page)}
        .words{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .legend{font-size:.85rem;color:var(--dim)}
        .legend .cell{display:inline-block;min-width:1.4rem;text-align:center;border-radius:.2rem;margin-left:.6rem}
        .legend .cell:first-child{margin-left:0}
        article{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem;background:var(--page)}
        article:target{outline:2px solid var(--link)}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.75rem;margin:.75rem 0}
        figure{margin:0;background:var(--soft);border-radius:.35rem;padding:.4rem .5rem}
        figcaption{font-size:.8rem;display:flex;justify-content:space-between;gap:.5rem}
        svg{display:block;width:100%;height:4rem}
        polyline{fill:none;stroke:var(--curve);stroke-width:1.5;vector-effect:non-scaling-stroke;stroke-linejoin:round}
        .step{stroke:var(--fail);stroke-width:1.5;stroke-dasharray:4 3;vector-effect:non-scaling-stroke}
        .facts{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:.5rem 0 1rem;font-size:.875rem}
        .facts div{min-width:0}
        .facts dt{font-size:.75rem}
        .facts dd,footer dd{margin:0;overflow-wrap:anywhere}
        .judgements{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1rem}
        ul{list-style:none;margin:0;padding:0;font-size:.875rem}
        li{padding:.25rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
        li .badge{font-size:.72rem}
        .steps{margin-top:1rem}
        details{margin-top:.8rem}
        summary{cursor:pointer;color:var(--link);font-size:.9rem}
        .sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:.5rem}
        pre{margin:0;padding:.5rem .6rem;background:var(--soft);border-radius:.35rem;font:.78rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        pre b{color:var(--dim);font-weight:400}
        code{font:.85em ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        footer{border-top:1px solid var(--line);margin-top:2rem;font-size:.85rem}
        footer dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.8rem 0}
        @media (max-width:40rem){
        body{padding:.75rem .75rem 2rem}
        h1{font-size:1.35rem}
        .verdict{float:none}
        .overview thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .overview,.overview tbody{display:block}
        .overview tr{display:grid;grid-template-columns:repeat(12,1fr);gap:2px;border:1px solid var(--line);border-radius:.5rem;padding:.6rem;margin-bottom:.6rem}
        .overview th,.overview td{border:0;padding:.1rem .2rem;white-space:normal}
        .overview tr>th{grid-column:1/-1;font-size:1rem}
        .overview td[data-label]{grid-column:span 6;text-align:left;overflow-wrap:anywhere}
        .overview td[data-label]::before{content:attr(data-label);display:block;color:var(--dim);font-size:.72rem}
        .overview td.cell{grid-column:span 2;border-radius:.2rem;padding:.15rem 0}
        .overview td.cell::before{content:attr(data-code);display:block;font-weight:400;font-size:.68rem}
        .compare{font-size:.74rem}
        .compare th,.compare td{padding-left:.2rem;padding-right:.3rem}
        .compare thead th{white-space:normal}
        .compare .number,.compare thead th:not(:first-child){padding-left:.4rem}
        .overview td.cell+td[data-label]{margin-top:.2rem}
        article{padding:.75rem}
        footer dl{grid-template-columns:1fr}
        footer dt{margin-top:.3rem}
        }
        @media print{
        @page{size:A4 landscape;margin:10mm}
        :root{color-scheme:light;--page:#fff;--text:#000;--dim:#444;--line:#bbb;--soft:#f4f4f4;--link:#000;
        --pass:#116329;--pass-bg:#dafbe1;--mend:#0b5c66;--mend-bg:#d5f3f5;--gap:#7a4b00;--gap-bg:#fff1c9;--fail:#a40e26;--fail-bg:#ffe2e2;--none:#57606a;--none-bg:#eaeef2;--curve:#0757b8}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        body{max-width:none;padding:0;font-size:9.5pt}
        h1{font-size:15pt}
        h2{margin:.6rem 0 .3rem}
        table{font-size:8pt}
        th,td{padding:.2rem .3rem}
        .badge{font-size:7.5pt}
        .scroll{overflow:visible}
        .overview td.text,.overview th.text{font-size:7.5pt;line-height:1.25}
        .legend{font-size:8pt}
        .rows{break-before:page}
        main>section:not(.rows):not(:first-child){break-inside:avoid}
        .rows h2{display:none}
        article{break-inside:avoid;border:0;border-bottom:1px solid var(--line);border-radius:0;padding:.4rem 0}
        .charts{grid-template-columns:repeat(4,1fr)}
        svg{height:2.6rem}
        details{display:none}
        a{text-decoration:none}
        }

        """
}
