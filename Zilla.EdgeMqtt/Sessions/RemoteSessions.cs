namespace Zilla.EdgeMqtt.Sessions;

/// <summary>Sessions at their owners in the cache service.</summary>
internal sealed class RemoteSessions(ISessionOwners owners, SessionsOptions options, TimeProvider time, ILogger<RemoteSessions> logger) : ISessions
{
    public async Task<ISession> ConnectAsync(SessionRequest request, CancellationToken cancellationToken)
    {
        var session = new RemoteSession(request, owners, options, time, logger);
        try
        {
            await session.AttachAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.StopAsync();
            throw;
        }
    }
}
