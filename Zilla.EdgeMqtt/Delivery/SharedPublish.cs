using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// A live message on its way to many clients with QoS 0: encoded once for each version, and sent at once or not at all. What became of it is counted for all of them together. One of it is
/// used again and again, for one message after the other.
/// </summary>
internal sealed class SharedPublish(TimeProvider time)
{
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly ArrayBufferWriter<byte> _plainV5 = new();
    private readonly MqttPropertiesBuilder _properties = new();
    private readonly MqttPropertiesBuilder _withIdentifiers = new();
    private OutgoingMessage _message;
    private DateTimeOffset _now;
    private bool _hasProperties;
    private int _sent;
    private int _full;

    /// <summary>Its expiry is over: nobody is sent it.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>From now on it is about this message, until <see cref="End"/>.</summary>
    public void Start(in OutgoingMessage message)
    {
        (_message, _hasProperties, _sent, _full, HasExpired) = (message, false, 0, 0, false);
        _plain.ResetWrittenCount();
        _plainV5.ResetWrittenCount();
        if (message.Expires)
        {
            _now = time.GetUtcNow();
            HasExpired = message.HasExpired(_now);
        }
    }

    /// <summary>Sends it to a client, unless it is not to be, or there is no room.</summary>
    public void Send(IPacketOutput output, in Matches matches)
    {
        if (HasExpired)
        {
            DeliveryTelemetry.Dropped(DropReason.Expired);
        }
        else if (TrySend(output, matches, out var isTooLarge))
        {
            _sent++;
        }
        else if (isTooLarge)
        {
            DeliveryTelemetry.Dropped(DropReason.TooLarge);
        }
        else
        {
            _full++;
        }
    }

    /// <summary>No other client is sent it.</summary>
    public void End()
    {
        if (_sent > 0)
        {
            DeliveryTelemetry.Published(QualityOfService.AtMostOnce, _sent);
        }

        if (_full > 0)
        {
            DeliveryTelemetry.Dropped(DropReason.OutputFull, _full);
        }
    }

    private bool TrySend(IPacketOutput output, in Matches matches, out bool isTooLarge)
    {
        var retain = matches.RetainAsPublished && _message.WasRetained;
        if (!matches.HasIdentifiers && !retain && output.TopicAliasMaximum == 0)
        {
            var encoded = Encoded(output.Version);
            isTooLarge = encoded.Length > output.MaximumPacketSize;
            return !isTooLarge && output.TryPublish(encoded);
        }

        var packet = _message.ToPacket(QualityOfService.AtMostOnce, retain, Properties(matches));
        isTooLarge = packet.Size(output.Version) > output.MaximumPacketSize;
        return !isTooLarge && output.TryPublish(packet);
    }

    private ReadOnlyMemory<byte> Encoded(MqttVersion version)
    {
        var encoded = version == MqttVersion.V5 ? _plainV5 : _plain;
        if (encoded.WrittenCount == 0)
        {
            _message.ToPacket(QualityOfService.AtMostOnce, retain: false, version == MqttVersion.V5 ? Properties() : default).Write(encoded, version);
        }

        return encoded.WrittenMemory;
    }

    private MqttProperties Properties()
    {
        if (!_hasProperties)
        {
            _properties.Clear();
            _message.AddProperties(_properties, _now);
            _hasProperties = true;
        }

        return _properties.Build();
    }

    private MqttProperties Properties(in Matches matches)
    {
        if (!matches.HasIdentifiers)
        {
            return Properties();
        }

        _withIdentifiers.Clear();
        _message.AddProperties(_withIdentifiers, _now);
        matches.AddIdentifiers(_withIdentifiers);
        return _withIdentifiers.Build();
    }
}
