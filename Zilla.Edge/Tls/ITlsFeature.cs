namespace Zilla.Edge.Tls;

/// <summary>Connection feature of connections that came in over TLS.</summary>
public interface ITlsFeature
{
    /// <summary>The name that the client asked for (SNI); empty = none.</summary>
    string ServerName { get; }

    /// <summary>The application protocol agreed on (ALPN); empty = none.</summary>
    string Protocol { get; }
}
