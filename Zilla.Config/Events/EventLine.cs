using System.Diagnostics;
using System.Globalization;

namespace Zilla.Config.Events;

/// <summary>The reference's form (§3.6): <c>namespace.binding [dd/MMM/yyyy:HH:mm:ss Z] [trace] EVENT_NAME message</c>; a dash for a trace that there is not.</summary>
internal static class EventLine
{
    /// <summary>What is about no binding.</summary>
    private const string Engine = "engine";

    public static string Format(string @namespace, DateTimeOffset at, string name, string message, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        var subject = EventNames.Subjects.Select(key => Value(values, key)).FirstOrDefault(value => value is not null) ?? Engine;
        var trace = Value(values, "Trace") ?? Activity.Current?.TraceId.ToHexString() ?? "-";
        var line = string.Create(CultureInfo.InvariantCulture, $"{@namespace}.{subject} [{at.UtcDateTime:dd/MMM/yyyy:HH:mm:ss} +0000] [{trace}] {name} {message}");

        // Clients have their part in messages: they must not be able to begin a line.
        return line.AsSpan().ContainsAnyInRange('\0', '\x1f') || line.Contains('\x7f', StringComparison.Ordinal)
            ? string.Concat(line.Select(c => char.IsControl(c) ? '?' : c))
            : line;
    }

    private static string? Value(IReadOnlyList<KeyValuePair<string, object?>> values, string key)
    {
        foreach (var (name, value) in values)
        {
            if (name == key)
            {
                return value as string;
            }
        }

        return null;
    }
}
