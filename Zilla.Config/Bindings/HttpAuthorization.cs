namespace Zilla.Config.Bindings;

/// <summary>
/// Reference §2.4: where requests carry what a guard decides about. By name of the header, the query parameter or the cookie, what its value
/// looks like, with <c>{credentials}</c> for the credentials themselves, such as <c>Bearer {credentials}</c>.
/// </summary>
public sealed record HttpAuthorization
{
    public required string Guard { get; init; }

    /// <summary>Instead of <c>{credentials}</c> a template may hold <c>{username}</c> and <c>{password}</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Cookies { get; init; } = new Dictionary<string, string>();
}
