using System.Globalization;

namespace Zilla.Edge.Calls;

/// <summary>How a call ended, and why.</summary>
/// <param name="Code">One above 16 is passed on as it came.</param>
/// <param name="Message">In words for people; empty: none.</param>
public readonly record struct Status(StatusCode Code, string Message = "")
{
    /// <summary>The header, or trailer, that tells the code.</summary>
    public const string CodeField = "grpc-status";

    public static Status Ok => new(StatusCode.Ok);

    public bool IsOk => Code == StatusCode.Ok;

    /// <summary>What headers, or trailers, say of it: <c>grpc-status: 14</c>, <c>grpc-message: …</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields
    {
        get
        {
            yield return new(CodeField, ((int)Code).ToString(CultureInfo.InvariantCulture));
            if (Message.Length > 0)
            {
                yield return new("grpc-message", StatusMessage.Encode(Message));
            }
        }
    }
}
