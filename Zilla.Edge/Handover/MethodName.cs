using System.Buffers;

namespace Zilla.Edge.Handover;

/// <summary>What a <c>.proto</c> file can name a method: <c>package.Service/Method</c>, identifiers all of them (protobuf's language specification).</summary>
public static class MethodName
{
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>False for whatever else a path may be: with <c>..</c>, <c>//</c>, <c>%</c> or <c>?</c> in it, it would mean another to whoever reads it next.</summary>
    public static bool IsSound(ReadOnlySpan<char> name)
    {
        var slash = name.IndexOf('/');
        if (slash < 0 || !IsIdentifier(name[(slash + 1)..]))
        {
            return false;
        }

        foreach (var part in name[..slash].Split('.'))
        {
            if (!IsIdentifier(name[..slash][part]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsIdentifier(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Letters);
}
