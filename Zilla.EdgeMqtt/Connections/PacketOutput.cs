using System.Buffers;
using System.IO.Pipelines;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Connections;

/// <inheritdoc/>
/// <remarks>
/// <code>
/// any thread ─▶ encode ─▶ buffer ─▶ (one at a time) flush ─▶ socket
///                 lock    budget
/// </code>
/// Whoever puts the first packet into an empty buffer has the thread pool flush it; what comes meanwhile goes along. Nothing is held while nothing waits.
/// </remarks>
internal sealed class PacketOutput : IPacketOutput, IThreadPoolWorkItem
{
    /// <summary>So much at a time is copied to where the socket takes it from.</summary>
    private const int PieceBytes = 32 << 10;

    private readonly Lock _gate = new();
    private readonly PipeWriter _socket;
    private readonly OutputTerms _terms;
    private readonly OutputBuffer _buffer = new();
    private readonly OutputRoom _room;
    private readonly OutboundAliases? _aliases;
    private TaskCompletionSource? _drained;
    private bool _isScheduled;
    private bool _isBroken;

    public PacketOutput(PipeWriter socket, OutputTerms terms)
    {
        (_socket, _terms) = (socket, terms);
        _room = new(terms, _buffer);
        _aliases = terms.TopicAliasMaximum > 0 ? new(terms.TopicAliasMaximum) : null;
    }

    public MqttVersion Version => _terms.Version;

    public ushort ReceiveMaximum => _terms.ReceiveMaximum;

    public ushort TopicAliasMaximum => _terms.TopicAliasMaximum;

    public uint MaximumPacketSize => _terms.MaximumPacketSize;

    /// <summary>Nothing is written any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>How long there has been no room for what cannot be dropped; zero = there is.</summary>
    public TimeSpan BlockedFor(TimeProvider time) => _room.BlockedFor(time);

    public bool TryPublish(in PublishPacket packet)
    {
        lock (_gate)
        {
            // An alias is left out where it alone would make the packet too large.
            var size = packet.Size(Version);
            var aliases = size + OutboundAliases.MostBytes <= MaximumPacketSize ? _aliases : null;
            size += aliases is null ? 0 : OutboundAliases.MostBytes;
            if (size > MaximumPacketSize || HasEnded || !_room.TryReserve(size, packet.QualityOfService == QualityOfService.AtMostOnce))
            {
                _room.Refused((int)Math.Min(size, MaximumPacketSize));
                return false;
            }

            (aliases?.Apply(packet) ?? packet).Write(_buffer, Version);
            Schedule();
            return true;
        }
    }

    public bool TryPublish(ReadOnlyMemory<byte> encoded)
    {
        lock (_gate)
        {
            if (encoded.Length > MaximumPacketSize || HasEnded || !_room.TryReserve(encoded.Length, canBeDropped: true))
            {
                return false;
            }

            _buffer.Write(encoded.Span);
            Schedule();
            return true;
        }
    }

    public void Write(in AcknowledgePacket packet)
    {
        lock (_gate)
        {
            if (!HasEnded)
            {
                packet.Write(_buffer, Version);
                Schedule();
            }
        }
    }

    public void Write(SubscriptionAnswerPacket packet)
    {
        lock (_gate)
        {
            if (!HasEnded)
            {
                packet.Write(_buffer, Version);
                Schedule();
            }
        }
    }

    public void Write(in ConnackPacket packet)
    {
        lock (_gate)
        {
            packet.Write(_buffer, Version);
            Schedule();
        }
    }

    public void WritePingResponse()
    {
        lock (_gate)
        {
            if (!HasEnded)
            {
                PingPacket.WriteResponse(_buffer);
                Schedule();
            }
        }
    }

    /// <exception cref="OperationCanceledException">Given up, or the connection has ended.</exception>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return HasEnded ? ValueTask.FromException(new OperationCanceledException("The connection has ended.")) : _room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>More waits than may: the client sends without reading.</summary>
    public bool IsFull => _room.IsFull;

    public void Disconnect(MqttError error) => End(Version == MqttVersion.V5 ? error : null);

    /// <summary>Nothing more is written, after a DISCONNECT that says <paramref name="why"/> if there is one; what was, is still sent.</summary>
    public void End(MqttError? why = null)
    {
        lock (_gate)
        {
            if (HasEnded)
            {
                return;
            }

            HasEnded = true;
            if (why is { } error)
            {
                var packet = new ReasonPacket(PacketType.Disconnect, error.Reason) { Properties = ReasonText.Of(error) };
                (packet.Size(Version) <= MaximumPacketSize ? packet : packet with { Properties = default }).Write(_buffer, Version);
                Schedule();
            }

            _room.Close();
        }

        _terms.Owner.OnEnded();
    }

    /// <summary>Completes when all has been handed to the socket, or never will be.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            if (!_isScheduled)
            {
                return Task.CompletedTask;
            }

            _drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync();

    private async Task FlushAsync()
    {
        try
        {
            while (TryTake(out var bytes, out var length))
            {
                try
                {
                    for (var at = 0; at < length; at += PieceBytes)
                    {
                        if ((await _socket.WriteAsync(bytes.AsMemory(at, Math.Min(PieceBytes, length - at)))).IsCompleted)
                        {
                            Break();
                            return;
                        }
                    }
                }
                finally
                {
                    OutputBuffer.Return(bytes);
                }

                _terms.Metrics.BytesSent(length);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone.
            Break();
        }
    }

    private bool TryTake(out byte[] bytes, out int length)
    {
        lock (_gate)
        {
            (bytes, length) = _isBroken ? ([], 0) : _buffer.Take();
            _room.Flush(length);
            if (length > 0)
            {
                return true;
            }

            _isScheduled = false;
            _drained?.TrySetResult();
            _drained = null;
            return false;
        }
    }

    private void Break()
    {
        lock (_gate)
        {
            _isBroken = true;
            _buffer.Clear();
        }

        End();
        TryTake(out _, out _);
    }

    private void Schedule()
    {
        if (!_isScheduled)
        {
            _isScheduled = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
