using Zilla.Streams.V1;

namespace Zilla.Streams.Frames;

/// <summary>The kinds of frame; each value is the field number of its message in <c>Frame.kind</c> of streams.proto.</summary>
public enum FrameKind : byte
{
    None = 0,
    Hello = 2,
    Begin = 3,
    Data = 4,
    Flush = 5,
    End = 6,
    Abort = 7,
    Window = 8,
    Reset = 9,
    Challenge = 10,
}

/// <summary>Which part of a record a DATA frame carries. <see cref="Whole"/> is the common case.</summary>
[Flags]
public enum DataFlags : byte
{
    None = 0,
    Init = 1,
    Fin = 2,
    Incomplete = 4,
    Whole = Init | Fin,
}

/// <summary>The protocol whose metadata a frame carries; each value is the field number of the extension in its frame.</summary>
public enum ExtensionKind : byte
{
    None = 0,
    Kafka = 10,
    Mqtt = 11,
    Work = 12,
}

/// <summary>
/// One frame as it came out of a batch. Payload and extension are slices of the batch they arrived in (never reused, so they may be kept;
/// whoever keeps a small slice for long copies it, or the whole batch stays in memory).
/// </summary>
public readonly record struct StreamFrame
{
    public FrameKind Kind { get; init; }
    public ulong StreamId { get; init; }

    /// <summary>DATA's payload; of HELLO and BEGIN the encoded message.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    public DataFlags Flags { get; init; }

    public ExtensionKind ExtensionKind { get; init; }

    /// <summary>The extension's encoded message, e.g. a <c>KafkaDataEx</c>; decoded only by who needs it.</summary>
    public ReadOnlyMemory<byte> Extension { get; init; }

    /// <summary>WINDOW's credit in bytes.</summary>
    public ulong Credit { get; init; }

    /// <summary>Why, on ABORT and RESET.</summary>
    public Cause Cause { get; init; }

    /// <summary>The reason in words, on ABORT and RESET.</summary>
    public string? Message { get; init; }

    /// <summary>On RESET with <see cref="Cause.Unavailable"/>: when a retry may succeed; zero = not known.</summary>
    public TimeSpan RetryAfter { get; init; }
}
