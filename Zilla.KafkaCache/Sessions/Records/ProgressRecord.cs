using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>
/// The value of <c>{client id}#progress</c> and of a shared subscription's <c>#group-{topic}</c>, which are ours: how far Kafka topics have been delivered, and of a
/// client what it was sent and has not settled.
/// </summary>
/// <remarks>
/// <code>
/// 01 │ MqttDelivery of mqtt.proto, with progress and sent
/// </code>
/// </remarks>
internal static class ProgressRecord
{
    private const byte Version = 1;

    public static byte[] Write(MqttDelivery delivery)
    {
        var record = new byte[1 + delivery.CalculateSize()];
        record[0] = Version;
        delivery.WriteTo(record.AsSpan(1));
        return record;
    }

    public static bool TryRead(ReadOnlySpan<byte> record, [NotNullWhen(true)] out MqttDelivery? delivery)
    {
        delivery = null;
        if (record.IsEmpty || record[0] != Version)
        {
            return false;
        }

        try
        {
            delivery = MqttDelivery.Parser.ParseFrom(record[1..]);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
