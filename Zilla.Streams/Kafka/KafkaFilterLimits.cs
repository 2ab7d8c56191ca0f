namespace Zilla.Streams.Kafka;

/// <summary>How much a fetch may ask of its filters (kafka.proto); beyond, it is refused with <see cref="V1.Cause.ProtocolError"/>.</summary>
public static class KafkaFilterLimits
{
    /// <summary>Filters of one fetch.</summary>
    public const int Filters = 1024;

    /// <summary>Conditions of one filter, the key not counted.</summary>
    public const int Conditions = 64;

    /// <summary>Elements of one header sequence.</summary>
    public const int Elements = 256;
}
