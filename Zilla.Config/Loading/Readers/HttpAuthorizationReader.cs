using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.4: <c>options.authorization.&lt;guard&gt;.credentials</c> of an http binding.</summary>
internal static class HttpAuthorizationReader
{
    private const string Credentials = "{credentials}";

    /// <param name="options">Of the binding.</param>
    /// <param name="presents">It is a client, which presents credentials to a gRPC service; else it looks for them in requests.</param>
    public static HttpAuthorization? Read(MappingReader options, bool presents = false)
    {
        HttpAuthorization? read = null;
        if (options.Mapping("authorization") is { } authorization)
        {
            foreach (var guard in authorization.Keys)
            {
                if (read is not null)
                {
                    authorization.ReportKey(guard, "one guard decides about an http binding, here is a second");
                }

                var body = authorization.Mapping(guard);
                read = new HttpAuthorization { Guard = guard };
                if (body?.Mapping("credentials") is { } credentials)
                {
                    read = presents ? read with { Headers = Templates(credentials, "headers", presents) }
                        : read with { Headers = Templates(credentials, "headers"), Query = Templates(credentials, "query"), Cookies = Templates(credentials, "cookies") };
                    if (presents)
                    {
                        credentials.NotYet("query", "cookies");
                    }

                    if (read.Headers.Count + read.Query.Count + read.Cookies.Count == 0)
                    {
                        body.ReportKey("credentials", presents ? "names no header" : "names no header, query parameter or cookie");
                    }

                    credentials.Finish();
                }
                else if (body is null ? authorization.Take(guard) is null : body.Take("credentials") is null)
                {
                    authorization.ReportKey(guard, "'credentials' is missing");
                }

                body?.Finish();
            }
        }

        return read;
    }

    private static IReadOnlyDictionary<string, string> Templates(MappingReader credentials, string place, bool presents = false)
    {
        var templates = credentials.TextMap(place);
        foreach (var (name, template) in templates)
        {
            var basic = place == "headers" && Once(template, "{username}") && Once(template, "{password}");
            if (presents && basic && Once(template, HttpAuthorization.UsernameAndPassword))
            {
                continue;
            }

            if (basic)
            {
                credentials.Findings.Report(credentials.Path / place / name, "'{username}' and '{password}' are not supported yet");
            }
            else if (template.Length > 0 && !Once(template, Credentials))
            {
                credentials.Findings.Report(credentials.Path / place / name, $"expected '{Credentials}' once, as in 'Bearer {Credentials}'");
            }
        }

        return templates;
    }

    private static bool Once(string template, string placeholder) => template.Split(placeholder).Length == 2;
}
