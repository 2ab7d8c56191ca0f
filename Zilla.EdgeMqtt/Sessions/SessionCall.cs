using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>A request to a session's owner, until it is answered.</summary>
/// <param name="message">With its number.</param>
/// <param name="payload">Copied; empty for all but publishes.</param>
internal sealed class SessionCall(MqttDataEx message, byte[] payload)
{
    public MqttDataEx Message => message;
    public byte[] Payload => payload;

    public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
