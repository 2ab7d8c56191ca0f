using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>A will that stands: stored, and neither published nor dropped yet.</summary>
/// <param name="lifetimeId">Names the record of the message: the connection that brought it.</param>
/// <param name="willId">Has to be the same in signal and message.</param>
/// <param name="delay">After the connection; milliseconds.</param>
/// <param name="message">What is to be published, with its value.</param>
internal sealed class SessionWill(string lifetimeId, string? willId, int delay, MqttRecord message)
{
    public string LifetimeId => lifetimeId;
    public string? WillId => willId;
    public int Delay => delay;
    public MqttRecord Message => message;

    /// <summary>Milliseconds since the Unix epoch; -1: the client is connected.</summary>
    public long DeliverAt { get; set; } = -1;

    /// <summary>Its record, until that is written.</summary>
    public WillMessageRecord? Unwritten { get; set; }

    public static SessionWill Of(MqttWill will, string connection) => new(connection, connection, (int)Math.Min(will.Delay * 1000L, int.MaxValue), will.Record)
    {
        Unwritten = WillProperties.ToRecord(will, connection, connection),
    };
}
