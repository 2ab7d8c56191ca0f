namespace Zilla.EdgeMqtt.Sessions;

/// <summary>The way to the sessions, which live in the cache service: one owner per client id (mqtt.proto).</summary>
internal interface ISessions
{
    /// <summary>
    /// Attaches a connection to the session of its client. Waits, bounded, while the session has no owner that can be reached; a connection that had the session
    /// before loses it.
    /// </summary>
    /// <exception cref="SessionRefusedException">There will be no session; with the reason code for CONNACK.</exception>
    Task<ISession> ConnectAsync(SessionRequest request, CancellationToken cancellationToken);
}
