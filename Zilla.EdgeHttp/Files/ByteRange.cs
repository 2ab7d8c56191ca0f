using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Zilla.EdgeHttp.Files;

internal enum RangeOutcome
{
    /// <summary>The whole file: nothing was asked for, or what need not be answered in parts.</summary>
    Whole,

    Part,

    /// <summary>416: nothing of what is asked for exists.</summary>
    Unsatisfiable,
}

/// <summary>
/// A single range of bytes (RFC 9110 §14.1.2); both ends count from 0 and are included:
/// <code>
/// bytes=0-99     the first hundred
/// bytes=100-     all but those
/// bytes=-100     the last hundred
/// </code>
/// Other units, several ranges and what is malformed are ignored, as the RFC allows.
/// </summary>
internal readonly record struct ByteRange(long First, long Last)
{
    private const string Unit = "bytes=";

    public long Length => Last - First + 1;

    public static RangeOutcome Read(StringValues header, long size, out ByteRange range)
    {
        range = default;
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return RangeOutcome.Whole;
        }

        var spec = text.AsSpan(Unit.Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0 || !TryNumber(spec[..dash], out var first) || !TryNumber(spec[(dash + 1)..], out var last) || (first ?? last) is null || first > last)
        {
            return RangeOutcome.Whole;
        }

        if (first is null)
        {
            range = new ByteRange(Math.Max(0, size - last!.Value), size - 1);
            return last > 0 && size > 0 ? RangeOutcome.Part : RangeOutcome.Unsatisfiable;
        }

        range = new ByteRange(first.Value, Math.Min(last ?? long.MaxValue, size - 1));
        return first < size ? RangeOutcome.Part : RangeOutcome.Unsatisfiable;
    }

    /// <summary>Nothing at all is a number that is not given.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long? number)
    {
        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return text.IsEmpty || number is not null;
    }
}
