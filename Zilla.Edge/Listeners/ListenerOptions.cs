namespace Zilla.Edge.Listeners;

/// <summary>Configuration section <c>Zilla:Edge</c>.</summary>
public sealed class ListenerOptions
{
    /// <summary>Client connections of this process, over all listeners; one more is closed at once. Default 50 000.</summary>
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>In which a new connection must have said enough to tell its protocol. Default 10 s.</summary>
    public TimeSpan PrefaceTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>In which a TLS handshake must be done. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After so long without a word TCP asks whether the client is still there, so that one that has vanished does not keep its connection; whole seconds. Zero: never. Default 60 s.
    /// </summary>
    public TimeSpan TcpKeepAlive { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long TCP then waits for an answer before it asks again; whole seconds. Default 10 s.</summary>
    public TimeSpan TcpKeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it asks in vain before the connection is over. Default 3.</summary>
    public int TcpKeepAliveTries { get; set; } = 3;

    /// <summary>How often the stores of vaults are looked at for changes. Default 5 s.</summary>
    public TimeSpan VaultPollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long connections of a listener that is closed may take to finish what they do. Default 4 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Where every listener listens, whatever host its binding names: <c>0.0.0.0</c> in a container, whose own network says who reaches it and
    /// where the file's host names nothing. Default: as the binding says.
    /// </summary>
    public string? ListenAddress { get; set; }

    /// <summary>Connections that may wait to be accepted, per socket. Default 1024.</summary>
    public int Backlog { get; set; } = 1024;

    /// <summary>
    /// Replicas with the same id may share a port, others may not. Default <c>Zilla:Suite</c>, else the folder that holds
    /// <c>Zilla:StateDirectory</c>; without either nobody may.
    /// </summary>
    public string? Suite { get; set; }

    /// <summary>Where the locks lie that keep two suites from sharing a port; one folder per machine and user.</summary>
    public string LockFolder { get; set; } = Path.Combine(Path.GetTempPath(), $"zilla-ports-{Environment.UserName}");
}
