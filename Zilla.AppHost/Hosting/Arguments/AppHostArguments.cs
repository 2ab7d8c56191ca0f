using System.Globalization;

namespace Zilla.AppHost.Hosting.Arguments;

/// <summary>
/// The command line: <c>--name value</c>, <c>--name=value</c>, and flags. Every switch can be an environment variable too (<c>--no-dashboard</c> is
/// <c>ZILLA_NO_DASHBOARD=1</c>); the command line wins.
/// </summary>
internal static class AppHostArguments
{
    private const int MostReplicas = 32;

    /// <summary>Reads the arguments; <see cref="AppHostOptions.Error"/> says what is wrong with them.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">Gives an environment variable, or null.</param>
    /// <param name="workspace">Where relative paths start, and where the defaults lie.</param>
    public static AppHostOptions Parse(IReadOnlyList<string> args, Func<string, string?> environment, Workspace workspace)
    {
        var fallback = new AppHostOptions { Config = workspace.DefaultConfig, StateDirectory = workspace.DefaultStateDirectory };
        try
        {
            return Read(new SwitchReader(args), environment, workspace);
        }
        catch (FormatException refused)
        {
            return fallback with { Error = refused.Message };
        }
    }

    private static AppHostOptions Read(SwitchReader switches, Func<string, string?> environment, Workspace workspace)
    {
        string? Value(string name) => switches.Last(name) ?? NotEmpty(environment(VariableOf(name)));
        if (switches.Has("--help"))
        {
            return new AppHostOptions { Help = true, Config = workspace.DefaultConfig, StateDirectory = workspace.DefaultStateDirectory };
        }

        var publish = PublishRequest.Read(switches, workspace.WorkingDirectory);
        var config = workspace.Locate(Value("--config") ?? workspace.DefaultConfig);
        return new AppHostOptions
        {
            Publish = publish,
            Config = config,
            ConfigReadsKafkaBootstrapServer = workspace.Mentions(config, "KAFKA_BOOTSTRAP_SERVER"),
            Kafka = Servers(Value("--kafka") ?? NotEmpty(environment("KAFKA_BOOTSTRAP_SERVER"))),
            KafkaBootstrapServer = NotEmpty(environment("KAFKA_BOOTSTRAP_SERVER")),
            Replicas = Replicas(switches.All("--replicas") is { Count: > 0 } given ? given : [.. (environment("ZILLA_REPLICAS") ?? "").Split(',')]),
            ChannelKey = NotEmpty(environment("ZILLA_CHANNEL_KEY")),
            NoDashboard = switches.Has("--no-dashboard") || Flag("ZILLA_NO_DASHBOARD", environment("ZILLA_NO_DASHBOARD")),
            DashboardPort = Value("--dashboard-port") is { } port ? Number("--dashboard-port", port, 65535) : null,
            Orchestrator = Orchestrator(Value("--orchestrator")),
            StateDirectory = Path.GetFullPath(Value("--state") ?? workspace.DefaultStateDirectory, workspace.WorkingDirectory),
        };
    }

    private static string VariableOf(string name) => "ZILLA_" + name[2..].Replace('-', '_').ToUpperInvariant();

    private static string? NotEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static bool Flag(string name, string? value) => value?.ToLowerInvariant() switch
    {
        null or "" or "0" or "false" => false,
        "1" or "true" => true,
        _ => throw new FormatException($"{name} is 1 or 0, not '{value}'."),
    };

    private static OrchestratorChoice Orchestrator(string? value) => value switch
    {
        null or "auto" => OrchestratorChoice.Automatic,
        "dcp" => OrchestratorChoice.Dcp,
        "local" => OrchestratorChoice.Local,
        _ => throw new FormatException($"--orchestrator is auto, dcp or local, not '{value}'."),
    };

    private static string? Servers(string? value)
    {
        foreach (var server in value?.Split(',') ?? [])
        {
            var colon = server.LastIndexOf(':');
            if (colon <= 0 || !IsNumber(server[(colon + 1)..], 65535))
            {
                throw new FormatException($"--kafka takes host:port, comma-separated, not '{value}'.");
            }
        }

        return value;
    }

    private static Dictionary<string, int> Replicas(IReadOnlyList<string> values)
    {
        var replicas = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in values.SelectMany(v => v.Split(',')).Where(v => v.Length > 0))
        {
            if (value.Split('=') is not [{ Length: > 0 } name, var count])
            {
                throw new FormatException($"--replicas takes name=number, not '{value}'.");
            }

            replicas[name] = Number($"--replicas {name}", count, MostReplicas);
        }

        return replicas;
    }

    private static int Number(string what, string value, int most) => IsNumber(value, most)
        ? int.Parse(value, CultureInfo.InvariantCulture)
        : throw new FormatException($"{what} is a number from 1 to {most}, not '{value}'.");

    private static bool IsNumber(string value, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most;
}
