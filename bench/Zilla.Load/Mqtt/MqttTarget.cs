using System.Net;
using Zilla.Load.Mqtt.Wire;

namespace Zilla.Load.Mqtt;

/// <summary>The server of <c>--port</c>, and clients of it. Client ids are of this run: no session of another one is taken over.</summary>
internal sealed class MqttTarget(Arguments arguments)
{
    /// <summary>How many are opened at the same time.</summary>
    public const int AtOnce = 32;

    private const ushort KeepAlive = 600;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _run = $"{Environment.ProcessId}-{Environment.TickCount64:x}";

    public IPEndPoint Server { get; } = new(IPAddress.Loopback, arguments.Number("port", 1883));

    public byte[] Connect(string name, uint? sessionExpiry = null) => MqttPackets.Connect($"{_run}-{name}", KeepAlive, sessionExpiry);

    /// <param name="name">Of the clients; a number is added.</param>
    /// <param name="count">How many.</param>
    /// <param name="bufferSize">Receive buffer of each, in bytes.</param>
    /// <param name="filter">What the nth subscribes to; null = nothing.</param>
    /// <param name="qos">Of that.</param>
    /// <param name="sessionExpiry">Seconds that the session outlives its connection; null = not at all.</param>
    public async Task<MqttConnection[]> OpenAsync(string name, int count, int bufferSize, Func<int, string>? filter = null, int qos = 0, uint? sessionExpiry = null)
    {
        var connections = new MqttConnection[count];
        using var limit = new CancellationTokenSource(Limit);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token }, async (i, cancellation) =>
        {
            var connection = await MqttConnection.OpenAsync(Server, Connect($"{name}-{i}", sessionExpiry), bufferSize, cancellation);
            connections[i] = connection;
            await (filter is null ? Task.CompletedTask : connection.SubscribeAsync(filter(i), qos, cancellation));
        });
        return connections;
    }
}
