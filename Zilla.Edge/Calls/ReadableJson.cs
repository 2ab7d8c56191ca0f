using System.Text.Encodings.Web;
using System.Text.Json;

namespace Zilla.Edge.Calls;

/// <summary>How JSON is written that people read in a terminal: quotes and letters as they are.</summary>
internal static class ReadableJson
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
