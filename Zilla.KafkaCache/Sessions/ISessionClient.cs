using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>The stream of a client's connection, as its session sees it. Calls come one at a time and must not wait.</summary>
internal interface ISessionClient
{
    /// <summary>The connection is attached.</summary>
    void Attached(MqttAttached attached);

    /// <summary>The stream is over.</summary>
    void Break(StreamBrokenException why);
}
