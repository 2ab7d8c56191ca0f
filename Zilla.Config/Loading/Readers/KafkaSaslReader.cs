using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reads <c>options.sasl</c> (1.x) and <c>options.authorization.&lt;guard&gt;.credentials</c> (2.x) of a kafka client: reference §0, §2.13.</summary>
internal static class KafkaSaslReader
{
    private static readonly (string Name, KafkaSaslMechanism Value)[] Mechanisms =
        [("plain", KafkaSaslMechanism.Plain), ("scram-sha-256", KafkaSaslMechanism.ScramSha256), ("scram-sha-512", KafkaSaslMechanism.ScramSha512)];

    public static KafkaSasl? Read(MappingReader options)
    {
        var sasl = options.Mapping("sasl");
        var authorization = options.Mapping("authorization");
        if (sasl is not null && authorization is not null)
        {
            options.ReportKey("authorization", "'sasl' and 'authorization' both say who the client is: 'sasl' is the 1.x form, 'authorization' the 2.x form");
        }

        return sasl is not null ? Credentials(sasl, Mechanisms) : authorization is not null ? Authorization(authorization) : null;
    }

    private static KafkaSasl? Authorization(MappingReader authorization)
    {
        KafkaSasl? read = null;
        foreach (var guard in authorization.Keys)
        {
            if (authorization.Mapping(guard) is not { } body)
            {
                authorization.ReportKey(guard, "'credentials' is missing");
                continue;
            }

            if (read is not null)
            {
                authorization.ReportKey(guard, "one guard says who the client is, here is a second");
            }

            if (body.Mapping("credentials") is { } credentials)
            {
                read = Credentials(credentials, [.. Mechanisms, ("oauthbearer", KafkaSaslMechanism.OAuthBearer)]) is { } sasl ? sasl with { Guard = guard } : null;
            }
            else
            {
                authorization.ReportKey(guard, "'credentials' is missing");
            }

            body.Finish();
        }

        return read;
    }

    private static KafkaSasl? Credentials(MappingReader credentials, (string Name, KafkaSaslMechanism Value)[] mechanisms)
    {
        credentials.RequiredText("mechanism");
        var mechanism = credentials.Choice("mechanism", mechanisms);
        if (mechanism == KafkaSaslMechanism.OAuthBearer)
        {
            var token = credentials.RequiredSecret("token");
            credentials.NotHere("is not for oauthbearer", "username", "password");
            credentials.Finish();
            return new() { Mechanism = KafkaSaslMechanism.OAuthBearer, Token = token };
        }

        var (username, password) = (credentials.RequiredText("username"), credentials.RequiredSecret("password"));
        credentials.NotHere("is for oauthbearer alone", "token");
        credentials.Finish();
        return mechanism is { } known ? new() { Mechanism = known, Username = username, Password = password } : null;
    }
}
