using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Zilla.EdgeGrpc.Json;

/// <summary>The scalar types of protobuf as JSON writes them.</summary>
internal static class ScalarText
{
    private const string NotANumber = "NaN", Infinity = "Infinity", NegativeInfinity = "-Infinity";

    public static WireFormat.WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        FieldType.Group => WireFormat.WireType.StartGroup,
        _ => WireFormat.WireType.Varint,
    };

    /// <summary>Of what stands on the wire as <paramref name="number"/>.</summary>
    public static string Integer(FieldType type, ulong number) => type switch
    {
        FieldType.UInt64 or FieldType.Fixed64 => number.ToString(CultureInfo.InvariantCulture),
        FieldType.UInt32 or FieldType.Fixed32 => ((uint)number).ToString(CultureInfo.InvariantCulture),
        FieldType.SInt64 => ZigZag(number).ToString(CultureInfo.InvariantCulture),
        FieldType.SInt32 => ((int)ZigZag((uint)number)).ToString(CultureInfo.InvariantCulture),
        FieldType.Int64 or FieldType.SFixed64 => ((long)number).ToString(CultureInfo.InvariantCulture),
        _ => ((int)number).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A map's key.</summary>
    public static string Key(FieldDescriptor field, WireValue value) => field.FieldType switch
    {
        FieldType.String => Encoding.UTF8.GetString(value.Bytes.Span),
        FieldType.Bool => value.Number != 0 ? "true" : "false",
        _ => Integer(field.FieldType, value.Number),
    };

    public static void Write(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(double.IsNaN(value) ? NotANumber : value > 0 ? Infinity : NegativeInfinity);
        }
    }

    public static void Write(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            Write(writer, (double)value);
        }
    }

    /// <summary>A number, or the text of one; integers may be written with exponent or zero fraction.</summary>
    public static bool TryDouble(string text, out double value)
    {
        value = text switch
        {
            NotANumber => double.NaN,
            Infinity => double.PositiveInfinity,
            NegativeInfinity => double.NegativeInfinity,
            _ => 0,
        };
        return value != 0 || (double.TryParse(text, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out value) && double.IsFinite(value));
    }

    /// <summary>As it stands on the wire.</summary>
    public static bool TryInteger(FieldType type, string text, out ulong number)
    {
        number = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) || value != decimal.Truncate(value))
        {
            return false;
        }

        var (least, most) = type switch
        {
            FieldType.UInt64 or FieldType.Fixed64 => (0m, (decimal)ulong.MaxValue),
            FieldType.UInt32 or FieldType.Fixed32 => (0m, uint.MaxValue),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long.MinValue, long.MaxValue),
            _ => (int.MinValue, int.MaxValue),
        };
        if (value < least || value > most)
        {
            return false;
        }

        number = type switch
        {
            FieldType.UInt64 or FieldType.Fixed64 => (ulong)value,
            FieldType.SInt64 or FieldType.SInt32 => (ulong)(((long)value << 1) ^ ((long)value >> 63)),
            _ => (ulong)(long)value,
        };
        return true;
    }

    private static long ZigZag(ulong number) => (long)(number >> 1) ^ -(long)(number & 1);
}
