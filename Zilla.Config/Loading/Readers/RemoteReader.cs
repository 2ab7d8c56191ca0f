namespace Zilla.Config.Loading.Readers;

/// <summary>What catalogs and exporters that ask over http(s) have in common (reference §3.3, §3.6).</summary>
internal static class RemoteReader
{
    private static readonly Uri Nowhere = new("http://nowhere.invalid");

    /// <summary>A harmless stand-in if it is missing or none.</summary>
    public static Uri Url(MappingReader options, string key)
    {
        var text = options.RequiredText(key);
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        if (options.Take(key) is { } written)
        {
            options.Findings.Report(options.Path / key, $"expected an http(s) URL, found {written.Describe}");
        }

        return Nowhere;
    }

    /// <summary><c>credentials.headers.authorization</c>.</summary>
    public static string? Authorization(MappingReader options)
    {
        if (options.Mapping("credentials") is not { } credentials)
        {
            return null;
        }

        var headers = credentials.Mapping("headers");
        var authorization = headers?.Secret("authorization");
        headers?.Finish();
        credentials.Finish();
        return authorization;
    }

    /// <param name="options">Holds <c>tls</c>.</param>
    /// <param name="url">What is asked.</param>
    public static ClientTls? Tls(MappingReader options, Uri url)
    {
        if (options.Mapping("tls") is not { } tls)
        {
            return null;
        }

        if (url != Nowhere && url.Scheme != "https")
        {
            options.ReportKey("tls", "'tls' is for https URLs");
        }

        var trust = tls.Texts("trust");
        var read = new ClientTls { Keys = tls.Texts("keys"), Trust = trust, TrustCaCerts = tls.Flag("trustcacerts") ?? trust.Count == 0 };
        tls.Finish();
        return read;
    }
}
