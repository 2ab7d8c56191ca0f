namespace Zilla.DevKafka.Producers;

/// <summary>One batch of a producer: its sequence range and where it went.</summary>
internal sealed record ProducerBatch(int BaseSequence, int LastSequence, long BaseOffset);

/// <summary>One producer as a partition knows it; <paramref name="LastHeard"/> in ms since 1970.</summary>
internal sealed record ProducerEntry(long ProducerId, short Epoch, ProducerBatch[] Batches, long LastHeard)
{
    public int LastSequence => Batches[^1].LastSequence;
}
