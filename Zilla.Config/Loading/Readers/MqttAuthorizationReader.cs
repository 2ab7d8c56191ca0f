using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.11: <c>options.authorization.&lt;guard&gt;.credentials.connect</c> of an mqtt binding.</summary>
internal static class MqttAuthorizationReader
{
    private const string Credentials = "{credentials}";

    public static MqttAuthorization? Read(MappingReader options)
    {
        MqttAuthorization? read = null;
        if (options.Mapping("authorization") is { } authorization)
        {
            foreach (var guard in authorization.Keys)
            {
                if (read is not null)
                {
                    authorization.ReportKey(guard, "one guard decides about an mqtt binding, here is a second");
                }

                read = new MqttAuthorization { Guard = guard };
                if (authorization.Mapping(guard) is not { } body)
                {
                    if (authorization.Take(guard) is null)
                    {
                        authorization.ReportKey(guard, "'credentials' is missing");
                    }

                    continue;
                }

                if (body.Mapping("credentials") is { } credentials)
                {
                    read = Connect(credentials, guard);
                    credentials.Finish();
                }
                else if (body.Take("credentials") is null)
                {
                    authorization.ReportKey(guard, "'credentials' is missing");
                }

                body.Finish();
            }
        }

        return read;
    }

    private static MqttAuthorization Connect(MappingReader credentials, string guard)
    {
        if (credentials.Mapping("connect") is not { } connect)
        {
            if (credentials.Take("connect") is null)
            {
                credentials.Findings.Report(credentials.Path, "'connect' is missing");
            }

            return new MqttAuthorization { Guard = guard };
        }

        var read = new MqttAuthorization { Guard = guard, Username = Template(connect, "username"), Password = Template(connect, "password") };
        connect.Finish();
        if (read.Username is null == read.Password is null)
        {
            credentials.ReportKey("connect", read.Username is null ? "names neither 'username' nor 'password'" : "'username' and 'password' exclude each other");
        }

        return read;
    }

    private static string? Template(MappingReader connect, string field)
    {
        var template = connect.Text(field);
        if (template is not null && template.Split(Credentials).Length != 2)
        {
            connect.Findings.Report(connect.Path / field, $"expected '{Credentials}' once, as in 'Bearer {Credentials}'");
        }

        return template;
    }
}
