using System.Security.Cryptography;
using System.Text;

namespace Zilla.Control.Page;

/// <summary>The page's style and script, and the policy that lets a browser run these and nothing else.</summary>
internal static class PageAssets
{
    public const string Style = """
        :root{color-scheme:light dark;--text:#1d2433;--dim:#5d6880;--back:#f5f6f9;--card:#fff;--edge:#dde1ea;--good:#1a7f4b;--bad:#c0342b;--wait:#b26a00;--gone:#7a8497}
        @media(prefers-color-scheme:dark){:root{--text:#e4e8f1;--dim:#99a3b8;--back:#14171e;--card:#1d222c;--edge:#323a49;--good:#4cc38a;--bad:#ff7b70;--wait:#f0b04a;--gone:#8792a6}}
        *{box-sizing:border-box}
        body{margin:0;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back)}
        main{max-width:1600px;margin:0 auto;padding:24px}
        header{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:baseline;margin-bottom:18px}
        h1{font-size:24px;margin:0}h2{font-size:16px;margin:0 0 10px}
        section{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:16px 18px;margin-bottom:16px;overflow-x:auto}
        .dim{color:var(--dim)}.pill{border-radius:99px;padding:2px 11px;font-size:13px;font-weight:600;border:1px solid currentColor}
        .good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}.gone,.unused{color:var(--gone)}
        section.alarm{border-color:var(--bad);border-left-width:5px}
        table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;font-weight:600;color:var(--dim)}th,td{padding:5px 18px 5px 0;border-bottom:1px solid var(--edge);vertical-align:top;white-space:nowrap}
        tr:last-child td{border-bottom:0}td.place,code{font:13px ui-monospace,monospace}td.wide{width:100%;white-space:normal;overflow-wrap:anywhere}
        svg{display:block;height:auto;max-width:max(100%,1300px)}svg text{fill:var(--text);font-family:system-ui,sans-serif}.box rect{fill:var(--card);stroke:var(--edge);stroke-width:1.3}
        .box .bar{fill:currentColor;stroke:none}.name{font-size:12.5px;font-weight:600}svg .type{font-size:12px;fill:var(--dim)}svg .where{font-size:11.5px;fill:currentColor}
        .line{fill:none;stroke:var(--dim);stroke-width:1.4;opacity:.75}marker path{fill:var(--dim)}
        #stale{display:none}.stale #stale{display:inline}
        """;

    public const string Script = """
        let last;
        async function look() {
          try {
            const status = await (await fetch('status', { cache: 'no-store' })).text();
            if (status !== last) {
              const page = new DOMParser().parseFromString(await (await fetch('.', { cache: 'no-store' })).text(), 'text/html');
              document.querySelector('main').replaceWith(page.querySelector('main'));
              document.title = page.title;
              last = status;
            }
            document.body.classList.remove('stale');
          } catch {
            document.body.classList.add('stale');
          }
          setTimeout(look, 2000);
        }
        look();
        """;

    public static string Policy { get; } =
        $"default-src 'none'; style-src '{Hash(Style)}'; script-src '{Hash(Script)}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
