using System.Diagnostics.CodeAnalysis;

namespace Zilla.Edge.Http.Guards;

/// <summary>Finds credentials in a text such as <c>Bearer {credentials}</c>.</summary>
public sealed class CredentialTemplate
{
    private const string Credentials = "{credentials}";

    private readonly string _before;
    private readonly string _behind;

    /// <exception cref="FormatException">The placeholder does not stand in it once.</exception>
    public CredentialTemplate(string name, string text)
    {
        if (text.Split(Credentials) is not [var before, var behind])
        {
            throw new FormatException($"'{text}' does not hold '{Credentials}' once");
        }

        (Name, _before, _behind) = (name, before, behind);
    }

    /// <summary>Of the header, query parameter or cookie.</summary>
    public string Name { get; }

    /// <summary>Letter case does not matter around the credentials: <c>bearer</c> is a name of the scheme, too (RFC 9110 §11.1).</summary>
    public bool TryFind(string? text, [NotNullWhen(true)] out string? credentials)
    {
        credentials = null;
        if (text is null || text.Length <= _before.Length + _behind.Length
            || !text.StartsWith(_before, StringComparison.OrdinalIgnoreCase) || !text.EndsWith(_behind, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        credentials = text[_before.Length..^_behind.Length];
        return true;
    }
}
