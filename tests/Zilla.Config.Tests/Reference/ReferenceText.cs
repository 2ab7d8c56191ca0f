using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Zilla.Config.Tests.Reference;

/// <summary>Writes a record and all that it holds, secrets included, which their own <c>ToString</c> leaves out.</summary>
internal static class ReferenceText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        Uri or Enum => value.ToString()!,
        IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Select(Of))}]",
        ITuple several => $"({string.Join(", ", Enumerable.Range(0, several.Length).Select(index => Of(several[index])))})",
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        bool => value.ToString()!,
        _ => $"{value.GetType().Name} {{{string.Join(", ", value.GetType().GetProperties().Where(property => property.Name != "EqualityContract").Select(property => $"{property.Name} = {Of(property.GetValue(value))}"))}}}",
    };
}
