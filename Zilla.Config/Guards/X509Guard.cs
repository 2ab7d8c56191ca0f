namespace Zilla.Config.Guards;

/// <summary>Reference §3.1: who a client is, and what it may, by its certificate. Fields are such as <c>subject.cn</c>, <c>issuer.o</c> and <c>san.dns</c>.</summary>
public sealed record X509Guard : GuardConfig
{
    /// <summary>The field that says who the client is.</summary>
    public string Identity { get; init; } = "subject.dn";

    /// <summary>Name of an attribute → field.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Role → what gives it: any of the entries, each field of which matches its pattern (<c>*</c>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Roles { get; init; } =
        new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>();
}
