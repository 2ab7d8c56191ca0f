using System.Globalization;

namespace Zilla.Load;

/// <summary>Bodies of a given length: JSON, with a time in it so that whoever receives one knows how old it is.</summary>
/// <remarks><code>{"t":"0000000000000000","x":"……"}</code></remarks>
internal static class Payload
{
    public const int TimeOffset = 6, TimeLength = 16;

    private static ReadOnlySpan<byte> Start => "{\"t\":\"0000000000000000\",\"x\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    public static byte[] Of(int length, long time = 0)
    {
        var body = new byte[Math.Max(length, Start.Length + End.Length)];
        body.AsSpan().Fill((byte)'x');
        Start.CopyTo(body);
        End.CopyTo(body.AsSpan(body.Length - End.Length));
        Stamp(body, time);
        return body;
    }

    public static void Stamp(Span<byte> body, long time) => time.TryFormat(body.Slice(TimeOffset, TimeLength), out _, "x16", CultureInfo.InvariantCulture);

    /// <summary>The time in the first bytes of a body; false when they are no such body's.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> body, out long time)
    {
        time = 0;
        return body.Length >= TimeOffset + TimeLength
            && body.StartsWith(Start[..TimeOffset])
            && long.TryParse(body.Slice(TimeOffset, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out time);
    }
}
