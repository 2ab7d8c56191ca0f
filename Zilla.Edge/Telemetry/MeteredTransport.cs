using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Zilla.Edge.Telemetry;

/// <summary>A connection's transport that counts what goes through it.</summary>
public sealed class MeteredTransport(IDuplexPipe inner, StreamCount count) : IDuplexPipe
{
    public PipeReader Input { get; } = new Reader(inner.Input, count);

    public PipeWriter Output { get; } = new Writer(inner.Output, count);

    /// <summary>Counts the connection as a stream from now on.</summary>
    public static void Measure(ConnectionContext connection, StreamMetrics metrics)
    {
        var count = metrics.Open();
        count.Answer();
        connection.Transport = new MeteredTransport(connection.Transport, count);

        connection.ConnectionClosed.UnsafeRegister(static reader => ((Reader)reader!).Closed(), connection.Transport.Input);
    }

    /// <summary>A read that fails says that the connection was broken off; else it has come to its end when it is closed.</summary>
    private sealed class Reader(PipeReader inner, StreamCount count) : PipeReader
    {
        private ReadOnlySequence<byte> _read;
        private volatile bool _isReading;
        private volatile bool _isClosed;

        /// <summary>Whoever reads just now is about to learn how.</summary>
        public void Closed()
        {
            _isClosed = true;
            if (!_isReading)
            {
                End(failed: false);
            }
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            _isReading = true;
            var failed = false;
            try
            {
                return Read(await inner.ReadAsync(cancellationToken));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed = true;
                throw;
            }
            finally
            {
                _isReading = false;
                if (failed || _isClosed)
                {
                    End(failed);
                }
            }
        }

        public override bool TryRead(out ReadResult result)
        {
            var read = inner.TryRead(out result);
            if (read)
            {
                Read(result);
            }

            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (!_read.IsEmpty && _read.Slice(0, consumed).Length is > 0 and var bytes)
            {
                count.Received(bytes);
            }

            _read = default;
            inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            count.ReceivedAll(exception is not null);
            inner.Complete(exception);
        }

        private ReadResult Read(ReadResult result)
        {
            _read = result.Buffer;
            if (result.IsCompleted)
            {
                count.ReceivedAll();
            }

            return result;
        }

        private void End(bool failed)
        {
            count.ReceivedAll(failed);
            count.SentAll(failed);
        }
    }

    private sealed class Writer(PipeWriter inner, StreamCount count) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            count.Sent(bytes);
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            count.SentAll(exception is not null);
            inner.Complete(exception);
        }
    }
}
