using Microsoft.Win32.SafeHandles;

namespace Zilla.KafkaCache.Cache.Spill;

/// <summary>
/// The file to which full segments are moved when memory gets short. Nothing in it outlives the process. A disk that fails costs what was on
/// it, and it is left alone for <see cref="Pause"/>; whoever asks gets a no, never an exception. Thread-safe.
/// </summary>
internal sealed class SpillFile : IDisposable
{
    /// <summary>How long nothing is written after the disk has failed.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly FreeSpace _space;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _failedAt;
    private long _held;
    private long _written;
    private long _failures;

    /// <param name="handle">The file, empty; this owns it now.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="limit">Its largest size, in bytes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told when the disk fails.</param>
    public SpillFile(SafeFileHandle handle, string path, long limit, TimeProvider time, ILogger logger) =>
        (_handle, _path, Limit, _space, _time, _logger) = (handle, path, limit, new(limit), time, logger);

    /// <summary>Bytes.</summary>
    public long Limit { get; }

    /// <summary>Bytes of the file that are in use.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Pieces written so far.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>How often the disk failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>False while the disk is left alone after a failure.</summary>
    public bool Usable => Volatile.Read(ref _failedAt) is var failed && (failed == 0 || _time.GetElapsedTime(failed) >= Pause);

    /// <summary>Null: there is no room for it, or the disk fails.</summary>
    public SpilledBytes? TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!Usable || Take(bytes.Length) is not { } piece)
        {
            return null;
        }

        try
        {
            RandomAccess.Write(_handle, bytes, piece.Position);
            Interlocked.Increment(ref _written);
            return piece;
        }
        catch (Exception problem) when (IsOfTheDisk(problem))
        {
            piece.Free();
            Fail(problem);
            return null;
        }
    }

    /// <summary>False: the disk fails.</summary>
    public bool TryRead(long position, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                var read = RandomAccess.Read(_handle, destination, position);
                if (read == 0)
                {
                    throw new EndOfStreamException("The file is shorter than what was written to it.");
                }

                destination = destination[read..];
                position += read;
            }

            return true;
        }
        catch (Exception problem) when (IsOfTheDisk(problem))
        {
            Fail(problem);
            return false;
        }
    }

    public void Free(SpilledBytes piece)
    {
        lock (_gate)
        {
            _space.Give(piece.Position, piece.Length);
            Volatile.Write(ref _held, _held - FreeSpace.Round(piece.Length));
        }
    }

    /// <summary>Removes the file; readers that still come get a no.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        try
        {
            File.Delete(_path);
        }
        catch (Exception problem) when (IsOfTheDisk(problem))
        {
            CacheLog.SpillFailed(_logger, _path, problem.Message);
        }
    }

    private static bool IsOfTheDisk(Exception problem) => problem is IOException or UnauthorizedAccessException or ObjectDisposedException;

    private SpilledBytes? Take(int length)
    {
        lock (_gate)
        {
            var position = _space.Take(length);
            if (position < 0)
            {
                return null;
            }

            Volatile.Write(ref _held, _held + FreeSpace.Round(length));
            return new(this, position, length);
        }
    }

    private void Fail(Exception problem)
    {
        if (problem is ObjectDisposedException)
        {
            return; // the service stops
        }

        Interlocked.Increment(ref _failures);
        var wasUsable = Usable;
        Volatile.Write(ref _failedAt, Math.Max(1, _time.GetTimestamp()));
        if (wasUsable)
        {
            CacheLog.SpillFailed(_logger, _path, problem.Message);
        }
    }
}
