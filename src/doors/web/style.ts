/** The page's whole look; it loads nothing from anywhere. */
export const style = `
:root{color-scheme:light dark;--bg:#f4f6fa;--card:#fff;--text:#1c2430;--soft:#5c6878;--line:#e3e8f0;--accent:#1668dc;
--good:#1a7f45;--wait:#9a6700;--bad:#c62f2f}
@media(prefers-color-scheme:dark){:root{--bg:#10141b;--card:#181e27;--text:#e6ebf2;--soft:#97a3b4;--line:#2a323e;
--accent:#6aa8ff;--good:#5fd08a;--wait:#e3b341;--bad:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);line-height:1.6;
font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:44rem;margin:0 auto;padding:2.5rem 1rem 3rem}
header{display:flex;gap:1rem;align-items:center;margin-bottom:1.75rem}
header img{width:3.25rem;height:3.25rem;flex:none}
h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}
header p{margin:.15rem 0 0;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1.1rem 1.25rem;margin-bottom:1rem}
h2{font-size:.95rem;margin:0 0 .6rem;color:var(--soft);font-weight:600}
dl,ul,ol{margin:0;padding:0}
dt{font-weight:600}
dd{margin:0 0 .9rem}
dd:last-child{margin-bottom:0}
code{display:block;font:.95rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--accent);
overflow-wrap:anywhere;user-select:all}
small{color:var(--soft);font-size:.875rem}
ul{list-style:none}
li{padding:.45rem 0;border-top:1px solid var(--line)}
ul li{display:flex;justify-content:space-between;gap:1rem;overflow-wrap:anywhere}
li:first-child{border-top:0}
ol{padding-left:1.3rem}
ol li{border:0;padding:.2rem 0}
.works{color:var(--good)}.starting{color:var(--wait)}.failed{color:var(--bad)}
ul span:last-child{white-space:nowrap}
footer{color:var(--soft);font-size:.875rem;text-align:center;margin-top:1.5rem}
`

/** The mark of the product: a disc with a port in it. */
export const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">' +
  '<rect width="64" height="64" rx="15" fill="#1668dc"/>' +
  '<circle cx="32" cy="32" r="19" fill="none" stroke="#fff" stroke-width="6"/>' +
  '<path d="M32 23v18M24 33l8 8 8-8" fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round" ' +
  'stroke-linejoin="round"/></svg>'
