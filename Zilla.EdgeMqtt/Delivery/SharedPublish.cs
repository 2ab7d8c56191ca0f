using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A QoS 0 message on its way to many clients: encoded once for each version. One of it is used again and again.</summary>
internal sealed class SharedPublish(TimeProvider time)
{
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly ArrayBufferWriter<byte> _plainV5 = new();
    private readonly MqttPropertiesBuilder _properties = new();
    private readonly MqttPropertiesBuilder _withIdentifiers = new();
    private OutgoingMessage _message;
    private DateTimeOffset _now;
    private bool _hasProperties;

    /// <summary>False: the message has expired.</summary>
    public bool TryStart(in OutgoingMessage message)
    {
        _message = message;
        _hasProperties = false;
        _plain.ResetWrittenCount();
        _plainV5.ResetWrittenCount();
        if (!message.Expires)
        {
            return true;
        }

        _now = time.GetUtcNow();
        return !message.HasExpired(_now);
    }

    /// <summary>False: the client has no room for it.</summary>
    public bool TrySend(IPacketOutput output, in Matches matches, out bool isTooLarge)
    {
        isTooLarge = false;
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
