namespace Zilla.DevKafka.Hosting;

/// <summary>The switches, translated to configuration keys.</summary>
internal static class CommandLine
{
    public const string Help = """
        Zilla.DevKafka: a single-node broker that speaks the Kafka protocol, for development and tests. Production uses Apache Kafka.

          --port <port>                    TCP port (9092; 0 = any free one)
          --host <address>                 address to bind and to advertise (127.0.0.1)
          --advertised-host <name>         what clients are told to connect to, where that differs
          --tls-store <file>               PKCS#12 file with a key: the port speaks TLS (none: plain)
          --tls-password <password>        what opens it; better as DevKafka__TlsPassword
          --tls-trust <file>               PEM file: clients have to show a certificate of one of these authorities
          --data <folder>                  where topics and offsets are kept (.zilla/devkafka)
          --fsync                          flush to the device before acknowledging: safe against power loss, slow
          --default-partitions <n>         partitions of topics whose creator does not say (1)
          --topics <file>                  topics to create where they do not exist: lines of "name partitions=1 cleanup.policy=compact"
          --default-topic-config <k=v>     setting for new topics, e.g. retention.ms=60000; may be repeated
          --help                           this text

        The same as environment variables: DevKafka__Port, DevKafka__Host, DevKafka__Data, DevKafka__Fsync=true, ...
        Kestrel__Endpoints__Http__Url=http://127.0.0.1:<port> opens /healthz and /readyz.
        """;

    private const string TopicConfigSwitch = "--default-topic-config";

    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--port"] = nameof(DevKafkaOptions.Port),
        ["--host"] = nameof(DevKafkaOptions.Host),
        ["--advertised-host"] = nameof(DevKafkaOptions.AdvertisedHost),
        ["--tls-store"] = nameof(DevKafkaOptions.TlsStore),
        ["--tls-password"] = nameof(DevKafkaOptions.TlsPassword),
        ["--tls-trust"] = nameof(DevKafkaOptions.TlsTrust),
        ["--data"] = nameof(DevKafkaOptions.Data),
        ["--topics"] = nameof(DevKafkaOptions.Topics),
        ["--default-partitions"] = nameof(DevKafkaOptions.DefaultPartitions),
    };

    /// <summary>
    /// Takes the settings from <paramref name="args"/>. False when the process has said what there is to say (<c>--help</c>, or what is wrong) and is
    /// to end with <paramref name="exitCode"/>.
    /// </summary>
    public static bool TryParse(string[] args, out Dictionary<string, string?> settings, out int exitCode)
    {
        (settings, exitCode) = ([], 0);
        if (args.Contains("--help"))
        {
            Console.WriteLine(Help);
            return false;
        }

        settings = Parse(args, out var error);
        if (error is null)
        {
            return true;
        }

        Console.Error.WriteLine(error);
        exitCode = 2;
        return false;
    }

    /// <summary>The settings that <paramref name="args"/> say; <paramref name="error"/> names the first that makes no sense.</summary>
    public static Dictionary<string, string?> Parse(string[] args, out string? error)
    {
        error = null;
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Length && error is null; i++)
        {
            var split = args[i].Split('=', 2);
            var name = split[0];
            if (name == "--fsync" && split.Length == 1)
            {
                settings[Key(nameof(DevKafkaOptions.Fsync))] = "true";
                continue;
            }

            if (!Switches.TryGetValue(name, out var option) && name != TopicConfigSwitch)
            {
                error = $"unknown option {args[i]}; --help lists them";
                continue;
            }

            var value = split.Length == 2 ? split[1] : i + 1 < args.Length ? args[++i] : null;
            if (value is null)
            {
                error = $"{name} needs a value";
            }
            else if (option is not null)
            {
                settings[Key(option)] = value;
            }
            else if (value.Split('=', 2) is [var key, var setting])
            {
                settings[Key(nameof(DevKafkaOptions.DefaultTopicConfig), key)] = setting;
            }
            else
            {
                error = $"{name} takes name=value, not '{value}'";
            }
        }

        return settings;
    }

    private static string Key(params string[] path) => string.Join(':', [DevKafkaOptions.Section, .. path]);
}
