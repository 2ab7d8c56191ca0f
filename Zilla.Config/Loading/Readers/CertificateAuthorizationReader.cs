namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.2: <c>options.authorization.&lt;guard&gt;.credentials.certificates: pem</c> of a tls server.</summary>
internal static class CertificateAuthorizationReader
{
    /// <summary>The guard's name, or null.</summary>
    public static string? Read(MappingReader options)
    {
        if (options.Mapping("authorization") is not { } authorization)
        {
            return null;
        }

        foreach (var second in authorization.Keys.Skip(1))
        {
            authorization.Mapping(second);
            authorization.ReportKey(second, "one guard decides about a tls binding, here is a second");
        }

        if (authorization.Keys.FirstOrDefault() is not { } guard)
        {
            return null;
        }

        var body = authorization.Mapping(guard);
        var credentials = body?.Mapping("credentials");
        body?.Finish();
        if (credentials is null)
        {
            authorization.ReportKey(guard, "'credentials' is missing");
            return guard;
        }

        credentials.RequiredText("certificates");
        credentials.Choice("certificates", ("pem", true));
        credentials.Finish();
        return guard;
    }
}
