using System.Collections.Concurrent;
using System.Net.Sockets;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>A client that keeps its session: connects to an edge, to the other one when that is lost, and so on until it is disposed of.</summary>
internal class MqttClient : IAsyncDisposable
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _events = new();
    private readonly MqttSuite _suite;
    private readonly Func<ConnectPacket, ConnectPacket> _change;
    private readonly Task _running;
    private MqttSocket? _socket;

    /// <param name="suite">To connect to.</param>
    /// <param name="id">Client id.</param>
    /// <param name="edge">The edge to begin with.</param>
    /// <param name="change">Of what its CONNECT says beyond a session that is kept for an hour (of 3.1.1: for ever).</param>
    /// <param name="version">That it speaks.</param>
    public MqttClient(MqttSuite suite, string id, int edge = 0, Func<ConnectPacket, ConnectPacket>? change = null, MqttVersion version = MqttVersion.V5)
    {
        (_suite, Id, Edge, _change, Version) = (suite, id, edge, change ?? (packet => packet), version);
        _running = Task.Run(RunAsync);
    }

    public string Id { get; }

    public MqttVersion Version { get; }

    /// <summary>The edge that it is connected to, or tries.</summary>
    public int Edge { get; private set; }

    /// <summary>How often it was let in.</summary>
    public int Connections { get; private set; }

    /// <summary>How often it came back and its session was not there.</summary>
    public int LostSessions { get; private set; }

    public bool IsConnected => _socket is not null;

    /// <summary>Does not come back when its connection ends.</summary>
    public bool StaysAway { get; set; }

    /// <summary>What DISCONNECT said.</summary>
    public ReasonCode? Disconnected { get; private set; }

    /// <summary>What became of its connections, for the message of a test that fails.</summary>
    public string Story => $"{Id}: {string.Join("; ", _events)}";

    /// <summary>The connection is lost, without a word.</summary>
    public void Drop() => _socket?.Dispose();

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    protected void Note(string text) => _events.Enqueue(text);

    /// <summary>Sends, if there is a connection; what is lost with it is the caller's to send again.</summary>
    protected void Send(Action<System.Buffers.IBufferWriter<byte>> write)
    {
        try
        {
            _socket?.Send(write);
        }
        catch (Exception broken) when (IsLoss(broken))
        {
            // The reader finds out.
        }
    }

    protected virtual void OnConnected(bool sessionPresent)
    {
    }

    protected virtual void OnPacket(MqttFrame frame)
    {
    }

    private static bool IsLoss(Exception broken) => broken is SocketException or ObjectDisposedException or InvalidDataException;

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            do
            {
                try
                {
                    await ConnectAsync();
                }
                catch (Exception broken) when (IsLoss(broken))
                {
                    Note(broken is SocketException socket ? socket.SocketErrorCode.ToString() : broken.Message);
                }
                finally
                {
                    _socket = null;
                }

                Edge = (Edge + 1) % _suite.Ports.Count;
            }
            while (!StaysAway && await pace.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private async Task ConnectAsync()
    {
        using var socket = await MqttSocket.OpenAsync(_suite.Ports[Edge], _stop.Token, Version);
        socket.Send(_change(new()
        {
            Version = Version,
            ClientId = Id,
            Properties = Version == MqttVersion.V5 ? new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Build() : default,
        }).Write);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(Answer);
        MqttFrame? connack;
        try
        {
            connack = await socket.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            Note("no CONNACK");
            return;
        }

        if (connack is null || !ConnackPacket.TryRead(connack.Value, Version, out var answer, out _) || answer.Reason != ReasonCode.Success)
        {
            Note($"not let in by edge {Edge}: {connack?.Body.FirstSpan[1]:X2}");
            return;
        }

        Note($"edge {Edge}, session {(answer.SessionPresent ? "kept" : "new")}");
        LostSessions += Connections > 0 && !answer.SessionPresent ? 1 : 0;
        _socket = socket;
        OnConnected(answer.SessionPresent);
        Connections++;
        while (await socket.ReadAsync(_stop.Token) is { } frame)
        {
            if (frame.Type == PacketType.Disconnect && ReasonPacket.TryRead(frame, Version, MqttSender.Server, out var disconnect, out _))
            {
                Disconnected = disconnect.Reason;
                Note($"DISCONNECT {disconnect.Reason} {disconnect.Properties.ReasonString}");
            }

            OnPacket(frame);
        }

        Note("closed");
    }
}
