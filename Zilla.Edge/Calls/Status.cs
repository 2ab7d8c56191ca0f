using System.Globalization;

namespace Zilla.Edge.Calls;

/// <summary>How a call ended, and why.</summary>
/// <param name="Code">One above 16 is passed on as it came.</param>
/// <param name="Message">In words for people; empty: none.</param>
public readonly record struct Status(StatusCode Code, string Message = "")
{
    /// <summary>The header, or trailer, that tells the code.</summary>
    public const string CodeField = "grpc-status";

    private static readonly KeyValuePair<string, string>[] Success = [Ok.Told];

    public static Status Ok => new(StatusCode.Ok);

    public bool IsOk => Code == StatusCode.Ok;

    /// <summary>What headers, or trailers, say of it: <c>grpc-status: 14</c>, <c>grpc-message: …</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields =>
        !string.IsNullOrEmpty(Message) ? [Told, new("grpc-message", StatusMessage.Encode(Message))] : IsOk ? Success : [Told];

    private KeyValuePair<string, string> Told => new(CodeField, ((int)Code).ToString(CultureInfo.InvariantCulture));
}
