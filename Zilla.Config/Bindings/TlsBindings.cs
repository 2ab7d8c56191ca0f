namespace Zilla.Config.Bindings;

/// <summary>Reference §2.2. What a tls server and a tls client have in common.</summary>
public abstract record TlsBinding : BindingConfig
{
    /// <summary>Name of the vault that <see cref="Keys"/>, <see cref="Signers"/> and <see cref="Trust"/> are in. A server always has one.</summary>
    public string? Vault { get; init; }

    /// <summary>
    /// Aliases of keys, certificates included. A client of a tls server gets the first whose certificate is for the name it asks for, else the first.
    /// </summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>In place of <see cref="Keys"/>: aliases of certificates; every key whose certificate one of them has issued is used.</summary>
    public IReadOnlyList<string> Signers { get; init; } = [];

    /// <summary>Aliases of the certificates that the other side's certificate has to lead to.</summary>
    public IReadOnlyList<string> Trust { get; init; } = [];

    /// <summary>True: the certificate authorities of the operating system are trusted too. Default: when <see cref="Trust"/> is empty.</summary>
    public bool TrustCaCerts { get; init; } = true;

    /// <summary>
    /// Server names (SNI). Of a server: patterns (<c>*</c>) of those that it answers to; empty = any. Of a client: those that it asks for; empty = the host
    /// that is dialled.
    /// </summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];
}

/// <summary>Ends TLS: what it exits to reads and writes plain bytes.</summary>
public sealed record TlsServerBinding : TlsBinding
{
    /// <summary>In order of preference. Empty: those of the routes; those too: the versions of the http servers that it exits to.</summary>
    public IReadOnlyList<string> Alpn { get; init; } = [];

    /// <summary>Default: <see cref="TlsMutual.None"/> without <c>trust</c>, else <see cref="TlsMutual.Required"/>.</summary>
    public TlsMutual Mutual { get; init; }

    /// <summary>Name of the x509 guard that says who clients are, by their certificates; null = nobody is asked.</summary>
    public string? Guard { get; init; }

    /// <summary>True: nothing newer than TLS 1.2. Older versions are never spoken.</summary>
    public bool OnlyTls12 { get; init; }

    public IReadOnlyList<TlsRoute> Routes { get; init; } = [];
}

/// <summary>Begins TLS towards the brokers of the kafka client, or the service of the http client, that exits to it: their certificate is checked against the host name that is dialled.</summary>
public sealed record TlsClientBinding : TlsBinding
{
    /// <summary>Null: what the binding before it speaks, and older services know nothing else.</summary>
    public IReadOnlyList<string>? Alpn { get; init; }

    /// <summary>True: nothing newer than TLS 1.2. Older versions are never spoken. Null: false, and older services know nothing else.</summary>
    public bool? OnlyTls12 { get; init; }
}

/// <summary>Takes a connection if any of <see cref="When"/> holds; none = always.</summary>
public sealed record TlsRoute
{
    public required string Exit { get; init; }
    public IReadOnlyList<TlsCondition> When { get; init; } = [];
}

/// <summary>All that is given has to hold.</summary>
public sealed record TlsCondition
{
    /// <summary>Pattern (<c>*</c>) of the server name that the client asks for; letter case does not matter.</summary>
    public string? Authority { get; init; }

    /// <summary>The protocol agreed on.</summary>
    public string? Alpn { get; init; }

    /// <summary>Local ports; empty = any.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>Aliases of certificates in the vault's trust: the client's certificate leads to one of them; empty = to whichever, or there is none.</summary>
    public IReadOnlyList<string> Trust { get; init; } = [];

    /// <summary>True: the client has shown a certificate; false: it has shown none; null = either.</summary>
    public bool? HasCertificate { get; init; }
}

/// <summary>Whether clients show a certificate.</summary>
public enum TlsMutual
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>They may; one that is not trusted ends the handshake.</summary>
    Requested,

    /// <summary>They have to.</summary>
    Required,
}
