using System.Buffers;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Zilla.EdgeMqtt.Packets;
using Zilla.Suite.Tests.Faults;
using Zilla.Suite.Tests.Mqtt.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>What the services say on standard output (reference §3.8), and what clients are told of it.</summary>
[Collection(MqttSuiteCollection.Name)]
public sealed class EventTests(MqttSuite suite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Version 2, PROXY, TCP over IPv4: 203.0.113.7:56324 to 192.0.2.1:1883.</summary>
    private static readonly byte[] Preamble =
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12, 203, 0, 113, 7, 192, 0, 2, 1, 0xDC, 0x04, 0x07, 0x5B];

    [RequiresToolFact("mosquitto_pub")]
    public async Task Connection_WithAProxyPreamble_IsFromWhereItSays()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var socket = await MqttSocket.OpenAsync(suite.ProxyPort, deadline.Token);
        socket.Send(w => w.Write(Preamble));
        socket.Send(new ConnectPacket { Version = MqttVersion.V5, ClientId = "behind-a-proxy", CleanStart = true }.Write);

        Assert.Equal(PacketType.Connack, (await socket.ReadAsync(deadline.Token))?.Type);
        await SaysAsync(suite.Edge, @"^mqtt\.mqtt0 \[.+\] \[-\] BINDING_MQTT_CLIENT_CONNECTED .*behind-a-proxy.* 203\.0\.113\.7:56324$");
    }

    [RequiresToolFact("mosquitto_pub")]
    public async Task Connection_WithoutTheProxyPreamble_IsClosed()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var socket = await MqttSocket.OpenAsync(suite.ProxyPort, deadline.Token);
        socket.Send(new ConnectPacket { Version = MqttVersion.V5, ClientId = "direct", CleanStart = true }.Write);

        Assert.True(await EndsAsync(socket, deadline.Token));
    }

    [RequiresToolFact("mosquitto_pub")]
    public async Task SessionsTopic_ThatIsNotCompacted_IsToldToOperatorAndClient()
    {
        await SaysAsync(suite.Cache, @"^mqtt\.map1 \[.+\] \[-\] BINDING_MQTT_KAFKA_NON_COMPACT_SESSIONS_TOPIC ");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ChildProcess.RunAsync(
            "mosquitto_pub", ["-V", "5", "-h", "127.0.0.1", "-p", MqttSuite.Number(suite.UnfitPort), "-t", "a", "-m", "b"]));
        Assert.Contains("Implementation specific error", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<bool> EndsAsync(MqttSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReadAsync(cancellationToken) is null;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static Task SaysAsync(ServiceProcess service, string pattern) =>
        Eventually.HoldsAsync(() => service.Lines.Any(line => Regex.IsMatch(line, pattern)), Patience, $"a line like {pattern} in\n{string.Join('\n', service.Lines.TakeLast(30))}");
}
