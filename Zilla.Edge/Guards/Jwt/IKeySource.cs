namespace Zilla.Edge.Guards.Jwt;

/// <summary>Where a jwt guard's keys come from.</summary>
internal interface IKeySource
{
    /// <summary>The keys held; with <paramref name="wanted"/> not among them, newer ones if they can be had. Null: none could be had so far.</summary>
    ValueTask<SigningKeys?> GetAsync(string wanted, CancellationToken cancellationToken);
}

/// <summary>Keys that the configuration itself holds.</summary>
internal sealed class InlineKeys(SigningKeys keys) : IKeySource
{
    public ValueTask<SigningKeys?> GetAsync(string wanted, CancellationToken cancellationToken) => new(keys);
}
