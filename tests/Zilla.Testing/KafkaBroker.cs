namespace Zilla.Testing;

/// <summary>
/// A Kafka to test against: the one that <c>ZILLA_TEST_KAFKA</c> names (bootstrap servers), which is only used, never started or stopped; else a
/// Zilla.DevKafka process of its own on a free loopback port with an empty data directory, ended and removed with this object.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    public const string Variable = "ZILLA_TEST_KAFKA";

    private const string ReadyLine = "DevKafka listens on ";

    private readonly string[] _options;
    private readonly string _data = Path.Combine(Path.GetTempPath(), "zilla-devkafka-" + Guid.NewGuid().ToString("N"));
    private ChildProcess? _process;

    private KafkaBroker(string[] options) => _options = options;

    public string BootstrapServers { get; private set; } = "";

    /// <summary>Whether this is a Kafka of the user's, which tests must not kill and whose speed they do not know.</summary>
    public bool IsExternal { get; private init; }

    /// <summary>Where the process keeps its logs; empty for an external Kafka.</summary>
    public string DataFolder => IsExternal ? "" : _data;

    public string Output => _process?.Output ?? "";

    private static string? External => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } servers ? servers : null;

    /// <summary>Starts the broker, or takes the external one. <paramref name="options"/> are switches for the process, e.g. <c>--fsync</c>.</summary>
    public static Task<KafkaBroker> StartAsync(params string[] options) => StartAsync(External, options);

    /// <summary>Always a DevKafka process, also where an external Kafka is given: for tests of the broker itself.</summary>
    public static Task<KafkaBroker> StartDevKafkaAsync(params string[] options) => StartAsync(null, options);

    /// <summary>A topic name that no other test uses.</summary>
    public static string Topic(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    /// <summary>SIGKILL, as a crash would: nothing is flushed or said good-bye to. The data stays.</summary>
    public async Task KillAsync()
    {
        Running.Signal(9);
        await Running.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Asks the process to end, with SIGTERM unless <paramref name="signal"/> is another; gives its exit code.</summary>
    public Task<int> StopAsync(TimeSpan within, int signal = 15)
    {
        Running.Signal(signal);
        return Running.WaitForExitAsync(within);
    }

    /// <summary>Starts again on the same port and data, killing the old process if it still runs.</summary>
    public async Task RestartAsync()
    {
        await Running.DisposeAsync();
        await LaunchAsync(BootstrapServers.Split(':')[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private ChildProcess Running => _process ?? throw new InvalidOperationException("An external Kafka is not stopped by tests.");

    private static async Task<KafkaBroker> StartAsync(string? external, string[] options)
    {
        if (external is not null)
        {
            return new KafkaBroker(options) { BootstrapServers = external, IsExternal = true };
        }

        var broker = new KafkaBroker(options);

        try
        {
            Directory.CreateDirectory(broker._data);
            await broker.LaunchAsync("0");
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    private async Task LaunchAsync(string port)
    {
        _process = ChildProcess.Start(Repository.Service("Zilla.DevKafka"), ["--port", port, "--data", _data, .. _options]);
        var line = await _process.WaitForLineAsync(ReadyLine);
        BootstrapServers = line[(line.IndexOf(ReadyLine, StringComparison.Ordinal) + ReadyLine.Length)..].Trim();
    }
}
