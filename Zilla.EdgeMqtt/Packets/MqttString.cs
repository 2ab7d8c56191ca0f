using System.Text;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>A UTF-8 encoded string (§1.5.4), compared byte by byte. A decoded one lies in the receive buffer and lives as long.</summary>
/// <param name="Utf8">Without the length before it; at most 65,535 bytes.</param>
internal readonly record struct MqttString(ReadOnlyMemory<byte> Utf8)
{
    public const int Longest = ushort.MaxValue;

    public int Length => Utf8.Length;

    public bool IsEmpty => Utf8.IsEmpty;

    public ReadOnlySpan<byte> Span => Utf8.Span;

    public static implicit operator MqttString(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// No surrogates, no overlong forms [MQTT-1.5.4-1], no U+0000 [MQTT-1.5.4-2]. U+FEFF stays wherever it is [MQTT-1.5.4-3]. Control characters and
    /// noncharacters, which a sender should avoid and a receiver may refuse, are let through: they harm nobody here.
    /// </summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> utf8) => System.Text.Unicode.Utf8.IsValid(utf8) && !utf8.Contains((byte)0);

    public bool Equals(MqttString other) => Span.SequenceEqual(other.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>A copy.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
