namespace Zilla.Edge.Calls;

/// <summary>How a call ended, and why.</summary>
/// <param name="Code">One above 16 is passed on as it came.</param>
/// <param name="Message">In words for people; empty: none.</param>
public readonly record struct Status(StatusCode Code, string Message = "")
{
    public static Status Ok => new(StatusCode.Ok);

    public bool IsOk => Code == StatusCode.Ok;
}
