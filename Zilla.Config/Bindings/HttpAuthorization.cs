using System.Text;
using Zilla.Config.Guards;

namespace Zilla.Config.Bindings;

/// <summary>
/// Reference §2.4: where requests carry what a guard decides about or, of a client, what an inline guard holds. By name of the header, the query parameter or the cookie, what its value
/// looks like, with <c>{credentials}</c> for the credentials themselves, such as <c>Bearer {credentials}</c>.
/// </summary>
public sealed record HttpAuthorization
{
    public required string Guard { get; init; }

    /// <summary>Instead of <c>{credentials}</c> a template may hold <c>{username}</c> and <c>{password}</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Cookies { get; init; } = new Dictionary<string, string>();

    internal const string UsernameAndPassword = "{username}:{password}";

    /// <summary>Of a client: its headers, in lower case, with what the guard holds in place of the placeholders. Credentials of the form <c>username:password</c> are sent as HTTP's "Basic" has them.</summary>
    internal IReadOnlyDictionary<string, string> With(InlineGuard guard)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(guard.Credentials));
        string Filled(string template) => string.Join(
            guard.Credentials, template.Replace(UsernameAndPassword, basic, StringComparison.Ordinal).Split("{credentials}").Select(part => part.Replace("{identity}", guard.Identity, StringComparison.Ordinal)));
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, template) in Headers)
        {
            headers[name.ToLowerInvariant()] = Filled(template);
        }

        return headers;
    }
}
