namespace Zilla.EdgeMqtt.Packets;

/// <summary>What is published for a client that is gone (§3.1.2.5).</summary>
internal sealed record WillMessage
{
    public required MqttString Topic { get; init; }

    /// <summary>At most 65,535 bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    public QualityOfService QualityOfService { get; init; }

    public bool Retain { get; init; }

    public MqttProperties Properties { get; init; }
}
