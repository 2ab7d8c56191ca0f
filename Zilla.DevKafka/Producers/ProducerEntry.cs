namespace Zilla.DevKafka.Producers;

/// <summary>One batch of a producer: its sequence range and where it went.</summary>
internal sealed record ProducerBatch(int BaseSequence, int LastSequence, long BaseOffset);

/// <summary>One producer as a partition knows it; <paramref name="LastHeard"/> in ms since 1970.</summary>
internal sealed record ProducerEntry(long ProducerId, short Epoch, ProducerBatch[] Batches, long LastHeard)
{
    /// <summary>-1 when nothing of this epoch has been written: the next sequence is 0 then.</summary>
    public int LastSequence => Batches.Length > 0 ? Batches[^1].LastSequence : -1;
}
