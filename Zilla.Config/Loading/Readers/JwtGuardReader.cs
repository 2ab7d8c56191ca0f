using Zilla.Config.Guards;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §3.1, guards of type jwt.</summary>
internal static class JwtGuardReader
{
    private const string Jwks = "/.well-known/jwks.json";

    private static readonly string[] Curves = ["P-256", "P-384", "P-521"];

    public static JwtGuard Read(string name, MappingReader body)
    {
        // A key of 1.x without a meaning, which its files do have.
        body.Take("kind");
        var guard = new JwtGuard { Name = name };
        if (body.Mapping("options") is not { } options)
        {
            body.Findings.Report(body.Path, "'options' is missing");
            return guard;
        }

        var issuer = options.Text("issuer");
        var keys = options.Take("keys");
        guard = guard with
        {
            Issuer = issuer,
            Audience = options.Text("audience"),
            KeysUrl = keys is null ? Default(issuer, options) : keys is YamlScalar ? Url(options) : null,
            Keys = keys is null or YamlScalar ? [] : [.. options.Mappings("keys").Select(Key)],
            Challenge = options.Number("challenge", 0, int.MaxValue) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Roles = ClaimPath(options, "roles") ?? guard.Roles,
            Identity = ClaimPath(options, "identity") ?? guard.Identity,
            Attributes = GuardReader.Attributes(options),
        };
        if (keys is YamlSequence { Items.Count: 0 })
        {
            options.ReportKey("keys", "without keys no token could pass");
        }

        foreach (var twice in guard.Keys.Where(key => key.Kid.Length > 0).GroupBy(key => key.Kid, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            options.ReportKey("keys", $"the kid '{twice.Key}' is given twice");
        }

        options.Finish();
        return guard;
    }

    private static Uri? Default(string? issuer, MappingReader options)
    {
        if (issuer is not null && Http(issuer.TrimEnd('/') + Jwks) is { } url)
        {
            return url;
        }

        options.Findings.Report(options.Path, $"'keys' is missing, and the 'issuer' is no http(s) URL at which {Jwks} could be asked for");
        return null;
    }

    private static Uri? Url(MappingReader options)
    {
        var url = Http(options.Text("keys") ?? "");
        if (url is null)
        {
            options.Findings.Report(options.Path / "keys", $"expected an http(s) URL or a list of keys, found {options.Take("keys")!.Describe}");
        }

        return url;
    }

    private static Uri? Http(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static JwtKey Key(MappingReader reader)
    {
        var kty = reader.RequiredText("kty");
        var key = new JwtKey { Kty = kty, Kid = reader.RequiredText("kid"), Alg = reader.Text("alg"), Use = reader.Text("use") };
        switch (kty)
        {
            case "RSA":
                return key with { N = Base64Url(reader, "n"), E = Base64Url(reader, "e") };

            case "EC":
                var crv = reader.RequiredText("crv");
                if (crv.Length > 0 && !Curves.Contains(crv))
                {
                    reader.Findings.Report(reader.Path / "crv", $"{reader.Take("crv")!.Describe} is none of {string.Join(", ", Curves)}" + reader.Findings.Suggest(crv, Curves));
                }

                return key with { Crv = crv, X = Base64Url(reader, "x"), Y = Base64Url(reader, "y") };

            default:
                // A symmetric key, or the private half of a pair, has no place in a file that is shown.
                reader.Secret("k");
                if (kty.Length > 0)
                {
                    reader.Findings.Report(reader.Path / "kty", $"only keys of type RSA and EC can be used, found {reader.Take("kty")!.Describe}");
                }

                return key;
        }
    }

    private static string Base64Url(MappingReader reader, string key)
    {
        reader.Secret("d");
        var text = reader.RequiredText(key);
        if (reader.Take(key) is not null && (text.Length == 0 || !System.Buffers.Text.Base64Url.IsValid(text)))
        {
            reader.Findings.Report(reader.Path / key, $"expected base64url, found {reader.Take(key)!.Describe}");
        }

        return text;
    }

    private static string? ClaimPath(MappingReader options, string key)
    {
        var path = options.Text(key);
        if (path is not null && path.Split('.').Any(step => step.Length == 0))
        {
            options.Findings.Report(options.Path / key, $"expected the path of a claim such as realm_access.roles, found {options.Take(key)!.Describe}");
        }

        return path;
    }
}
