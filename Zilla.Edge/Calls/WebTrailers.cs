using System.Buffers;
using System.Text;

namespace Zilla.Edge.Calls;

/// <summary>The trailers of gRPC-Web: the last frame of the body, written as HTTP/1 header lines (gRPC-Web, "Message framing").</summary>
/// <remarks><code>
/// 80 │ length:4 │ grpc-status: 0\r\n grpc-message: …\r\n name: value\r\n …
/// </code></remarks>
public static class WebTrailers
{
    /// <param name="destination">Where to.</param>
    /// <param name="trailers">Lower case names, and values as HTTP has them.</param>
    public static void Write(IBufferWriter<byte> destination, IEnumerable<KeyValuePair<string, string>> trailers)
    {
        var lines = new StringBuilder();
        foreach (var (name, value) in trailers)
        {
            lines.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        var text = Encoding.Latin1.GetBytes(lines.ToString());
        MessageFrame.WritePrefix(destination, MessageFrame.Trailers, text.Length);
        destination.Write(text);
    }
}
