import { IconShoppingBag, IconShoppingCart } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Message, Order } from '~/shared/api/types';
import { formatNumber } from '~/shared/i18n/format';
import { Ltr } from '~/shared/ui/Ltr';
import css from './Cards.module.css';
import { formatMoney, sum, times } from './money';

/** A cart that the customer sent, with its total where all lines are in one currency. */
export function OrderCard({ order }: { order: Order }) {
  const { t } = useTranslation('thread');
  const items = order.items ?? [];
  const currency = items[0]?.currency ?? '';
  const one = items.every((item) => item.currency === currency);
  const total = one ? sum(items.map((item) => times(item.price, item.quantity))) : null;
  return (
    <div className={css.order}>
      <header>
        <IconShoppingCart size={17} stroke={1.7} aria-hidden />
        {t('order.title', { count: items.length })}
      </header>
      <table>
        <tbody>
          {items.map((item, i) => (
            <tr key={`${i} ${item.product_id}`}>
              <td>
                <Ltr>{item.product_id}</Ltr>
                {item.quantity !== 1 && <span className={css.dim}> × {formatNumber(item.quantity)}</span>}
              </td>
              <td><Ltr>{formatMoney(times(item.price, item.quantity) ?? item.price, item.currency)}</Ltr></td>
            </tr>
          ))}
        </tbody>
        {total !== null && (
          <tfoot>
            <tr>
              <td>{t('order.total')}</td>
              <td><Ltr>{formatMoney(total, currency)}</Ltr></td>
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

export function ProductAsked({ product }: { product: NonNullable<Message['product']> }) {
  const { t } = useTranslation('thread');
  return (
    <div className={css.label}>
      <IconShoppingBag size={15} stroke={1.7} aria-hidden />
      <span>
        {t('product.asked')} {product.title ? <bdi>{product.title}</bdi> : <Ltr>{product.product_id}</Ltr>}
        {product.detail && <bdi className={css.dim}> {product.detail}</bdi>}
      </span>
    </div>
  );
}
