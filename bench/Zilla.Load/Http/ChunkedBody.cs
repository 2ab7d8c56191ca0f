namespace Zilla.Load.Http;

/// <summary>
/// Takes the chunked transfer coding (RFC 9112 §7.1) off a response's body, in whatever pieces it comes:
/// <code>SIZE-HEX [;extension] CRLF  bytes CRLF … 0 CRLF CRLF</code>
/// Trailers are not expected.
/// </summary>
internal struct ChunkedBody
{
    private State _state;
    private int _left;

    private enum State : byte
    {
        Size,
        Extension,
        Data,
        AfterData,
        End,
    }

    /// <summary>The last chunk has been seen, and the line behind it.</summary>
    public readonly bool IsOver => _state == State.End && _left == 0;

    /// <summary>Copies what of <paramref name="source"/> is body to <paramref name="destination"/> (which is as long) and gives its length.</summary>
    /// <exception cref="InvalidDataException">Not the chunked coding.</exception>
    public int Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var written = 0;
        for (var at = 0; at < source.Length;)
        {
            if (_state == State.Data)
            {
                var count = Math.Min(_left, source.Length - at);
                source.Slice(at, count).CopyTo(destination[written..]);
                (written, at, _left) = (written + count, at + count, _left - count);
                _state = _left == 0 ? State.AfterData : State.Data;
                continue;
            }

            Framing(source[at++]);
        }

        return written;
    }

    private void Framing(byte next)
    {
        switch (_state, next)
        {
            case (State.Size or State.Extension, (byte)'\n'):
                // After the last chunk an empty line follows: CR and LF.
                (_state, _left) = _left == 0 ? (State.End, 2) : (State.Data, _left);
                break;
            case (State.Size, (byte)';' or (byte)'\r'):
                _state = State.Extension;
                break;
            case (State.Size, _):
                _left = HexDigit(next) is >= 0 and var digit && _left < 1 << 24
                    ? (_left << 4) + digit
                    : throw new InvalidDataException("The body is not chunked as it says.");
                break;
            case (State.AfterData, (byte)'\n'):
                _state = State.Size;
                break;
            case (State.End, _):
                _left = Math.Max(0, _left - 1);
                break;
        }
    }

    private static int HexDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
